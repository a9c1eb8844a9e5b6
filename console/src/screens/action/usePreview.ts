import { useCallback, useEffect, useRef, useState } from 'react'
import { RequestFailed } from '../../api/client'
import type { Press } from './address'
import { type Choices, readPreview, run } from './buttons'
import { differing } from './differing'
import type { Preview, PreviewItem } from './documents'

export type PreviewState = { is: 'loading' } | { is: 'failed'; error: RequestFailed } | { is: 'open'; preview: Preview }

/**
 * The preview of a button, and the way to run exactly what it shows.
 *
 * `stale` holds what is different now, once the hub refused to run an old preview. An action that is at work on the same
 * records takes the place of the preview.
 */
export function usePreview(press: Press, choices: Choices, onStarted: (actionId: string) => void) {
  const [state, setState] = useState<PreviewState>({ is: 'loading' })
  const [stale, setStale] = useState<readonly PreviewItem[] | null>(null)
  const [running, setRunning] = useState(false)
  const [look, setLook] = useState(0)
  const started = useRef(onStarted)
  started.current = onStarted
  const key = JSON.stringify([press, choices, look])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is previewed.
  useEffect(() => {
    let wanted = true
    // What is on the screen stays until the new preview is here.
    readPreview(press, choices).then(
      (preview) => {
        if (!wanted) return
        setStale(null)
        const other = runningIn(preview.problems)
        if (other) started.current(other)
        else setState({ is: 'open', preview })
      },
      (error) => wanted && error instanceof RequestFailed && setState({ is: 'failed', error }),
    )
    return () => {
      wanted = false
    }
  }, [key])

  async function start() {
    const token = state.is === 'open' ? state.preview.planToken : null
    if (!token || running) return
    setRunning(true)
    try {
      const { action, problems } = await run(press, choices, token)
      const id = action?.id ?? runningIn(problems)
      if (id) started.current(id)
      else if (problems.some(({ code }) => code === 'PLAN_STALE')) setStale(await whatDiffers())
      else if (state.is === 'open')
        setState({ is: 'open', preview: { ...state.preview, planToken: null, problems: [...problems] } })
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error
      setState({ is: 'failed', error })
    } finally {
      setRunning(false)
    }
  }

  async function whatDiffers(): Promise<readonly PreviewItem[]> {
    const before = state.is === 'open' ? (state.preview.items ?? []) : []
    const now = (await readPreview(press, choices)).items ?? []
    return differing(before, now)
  }

  return { state, stale, running, start: () => void start(), again: useCallback(() => setLook((one) => one + 1), []) }
}

function runningIn(problems: readonly { code: string; action?: { id: string } }[]): string | undefined {
  return problems.find(({ code }) => code === 'ACTION_RUNNING')?.action?.id
}
