import { stringifyDocument } from '@urql/core'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { graphql, type ResultOf } from '../api/graphql'
import { socket } from '../api/socket'

const PulseSubscription = graphql(`
  subscription Pulse {
    pulse {
      work {
        mine
        team
        late
        intake
        crmErrors
      }
      changed
    }
  }
`)

type Item = ResultOf<typeof PulseSubscription>['pulse']
export type Work = Item['work']
export type Topic = Item['changed'][number]

const listeners = new Set<() => void>()
const lists = new Set<(changed: readonly Topic[]) => void>()
let counts: Work | null = null

/** Hears how much waits and which lists changed, until the returned function is called. */
export function followPulse(): () => void {
  return socket().subscribe<{ pulse: Item }>(
    { query: stringifyDocument(PulseSubscription) },
    {
      next: ({ data }) => {
        if (!data) return
        counts = data.pulse.work
        for (const listener of listeners) listener()
        if (data.pulse.changed.length) for (const list of lists) list(data.pulse.changed)
      },
      // The frame says that nothing is live, and the socket subscribes again.
      error: () => undefined,
      complete: () => undefined,
    },
  )
}

/** How much waits for the operator and for everybody; null until it is known. */
export function useWork(): Work | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    () => counts,
  )
}

/** Calls back when the hub says that a list of this topic changed, or of any. */
export function useChanges(topic: Topic | 'ANY' | undefined, onChange: () => void) {
  useEffect(() => {
    if (!topic) return
    const list = (changed: readonly Topic[]) => (topic === 'ANY' || changed.includes(topic)) && onChange()
    lists.add(list)
    return () => {
      lists.delete(list)
    }
  }, [topic, onChange])
}

/** Grows whenever the hub says that a list of this topic changed. */
export function useChangeCount(topic: Topic): number {
  const [count, setCount] = useState(0)
  useChanges(
    topic,
    useCallback(() => setCount((before) => before + 1), []),
  )
  return count
}
