import { stringifyDocument } from '@urql/core'
import { useCallback, useEffect, useState } from 'react'
import { RequestFailed, read } from '../../api/client'
import { socket } from '../../api/socket'
import { useConnection } from '../../app/connection'
import { useChangeCount } from '../../app/work'
import { ActionEvents, ActionQuery, type ProgressItem, type ReadAction } from './documents'
import { type Progress, withItem } from './progress'

const PAUSE = 1_000

export type ActionState =
  | { is: 'loading' }
  | { is: 'failed'; error: RequestFailed }
  | { is: 'absent' }
  | { is: 'open'; action: ReadAction }

/** An action, followed for as long as it runs and the panel is open. */
export function useAction(id: string): { state: ActionState; again: () => void } {
  const [state, setState] = useState<ActionState>({ is: 'loading' })
  const [run, setRun] = useState(0)
  const { epoch } = useConnection()
  const again = useCallback(() => setRun((before) => before + 1), [])
  const told = useChangeCount('ACTIONS')
  // What runs is followed. All else is read again when actions changed or the socket is back: somebody may retry it.
  const news = state.is === 'open' && state.action.status === 'RUNNING' ? '' : `${told} ${epoch}`

  // biome-ignore lint/correctness/useExhaustiveDependencies: a run is another try.
  useEffect(() => {
    let stop = () => {}
    let wanted = true
    read(ActionQuery, { id }).then(
      ({ action }) => {
        if (!wanted) return
        setState(action ? { is: 'open', action } : { is: 'absent' })
        if (action?.status === 'RUNNING')
          stop = follow(action, (now) => wanted && setState({ is: 'open', action: now }), again)
      },
      (error) => {
        if (!wanted || !(error instanceof RequestFailed)) return
        // What is on the screen stays; the frame says that it is not live.
        setState((before) => (before.is === 'open' ? before : { is: 'failed', error }))
      },
    )
    return () => {
      wanted = false
      stop()
    }
  }, [id, run, news, again])

  return { state, again }
}

/** Follows a running action until it runs no more. After an interruption it goes on from where it was told last. */
function follow(action: ReadAction, onChange: (action: ReadAction) => void, onLost: () => void): () => void {
  let progress: Progress = { action, cursor: undefined }
  let stop = () => {}
  const variables = {
    id: action.id,
    get after() {
      return progress.cursor
    },
  }

  function listen() {
    let current = true
    const end = socket().subscribe<{ actionProgress: ProgressItem }>(
      { query: stringifyDocument(ActionEvents), variables },
      {
        next: ({ data }) => current && data && take(data.actionProgress),
        error: () => current && askAgain(),
        complete: () => current && askAgain(),
      },
    )
    stop = () => {
      current = false
      end()
    }
  }

  function take(item: ProgressItem) {
    if (item.state === 'EXPIRED' || item.state === 'LAGGED') {
      if (item.state === 'EXPIRED') progress = { ...progress, cursor: undefined }
      stop()
      listen()
    } else if (item.state !== 'ALIVE') {
      progress = withItem(progress, item)
      onChange(progress.action)
    }
  }

  /** The hub tells no more: of what still runs, the panel looks again how it stands. */
  function askAgain() {
    if (progress.action.status !== 'RUNNING') return
    const timer = setTimeout(onLost, PAUSE)
    stop = () => clearTimeout(timer)
  }

  listen()
  return () => stop()
}
