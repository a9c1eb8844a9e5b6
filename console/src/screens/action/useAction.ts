import { useCallback, useEffect, useState } from 'react'
import { RequestFailed, read } from '../../api/client'
import { useConnection } from '../../app/connection'
import { ActionQuery, type ReadAction } from './documents'

const PAUSE = 1_000

export type ActionState =
  | { is: 'loading' }
  | { is: 'failed'; error: RequestFailed }
  | { is: 'absent' }
  | { is: 'open'; action: ReadAction }

/** An action, read again for as long as it runs and the panel is open. */
export function useAction(id: string): { state: ActionState; again: () => void } {
  const [state, setState] = useState<ActionState>({ is: 'loading' })
  const [run, setRun] = useState(0)
  const { epoch } = useConnection()

  // biome-ignore lint/correctness/useExhaustiveDependencies: a run is another try, an epoch begins when the socket is back.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let wanted = true
    async function look() {
      try {
        const { action } = await read(ActionQuery, { id })
        if (!wanted) return
        setState(action ? { is: 'open', action } : { is: 'absent' })
        if (action?.status === 'RUNNING') timer = setTimeout(look, PAUSE)
      } catch (error) {
        if (!wanted || !(error instanceof RequestFailed)) return
        // What is on the screen stays; the frame says that it is not live.
        setState((before) => (before.is === 'open' ? before : { is: 'failed', error }))
        timer = setTimeout(look, 5 * PAUSE)
      }
    }
    void look()
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [id, run, epoch])

  return { state, again: useCallback(() => setRun((before) => before + 1), []) }
}
