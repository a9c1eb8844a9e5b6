import { useEffect, useRef, useState } from 'react'
import { read } from '../../api/client'
import { graphql, type ResultOf } from '../../api/graphql'
import { type TreeStore, useAnyChange } from './useTree'

const ActionsHereQuery = graphql(`
  query ActionsHere($ids: [ID!]!) {
    actions(
      first: 20
      filter: {
        ticketId: { in: $ids }
        status: { in: [RUNNING, WAITING] }
        kind: { in: [GENERATE_OPPORTUNITIES, SYNC_OPPORTUNITIES, GENERATE_ACTIVITIES] }
      }
    ) {
      nodes {
        id
        kind
        status
        itemCount
        finishedCount
        attentionCount
        opportunity {
          id
        }
      }
    }
  }
`)

export type ActionHere = ResultOf<typeof ActionsHereQuery>['actions']['nodes'][number]

const MOST_IDS = 100
const PAUSE = 2_000
const MOMENT = 400

/** The actions of a tree that run or wait, whoever pressed. `onEnd` is called when one that ran does not any more. */
export function useActionsHere(store: TreeStore, shown: string | undefined, onEnd: () => void): readonly ActionHere[] {
  const [actions, setActions] = useState<readonly ActionHere[]>([])
  const changes = useAnyChange(store)
  const ended = useRef(onEnd)
  ended.current = onEnd
  const ran = useRef(new Set<string>())

  // biome-ignore lint/correctness/useExhaustiveDependencies: what changes in the tree, or is shown, may be an action's.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let wanted = true
    async function look() {
      const ids = [...store.rows()].flatMap((row) => (row.kind === 'ticket' ? [row.id] : [])).slice(0, MOST_IDS)
      const found = await read(ActionsHereQuery, { ids }).catch(() => null)
      if (!wanted) return
      if (!found) {
        timer = setTimeout(look, PAUSE)
        return
      }
      const { nodes } = found.actions
      setActions(nodes)
      const running = nodes.filter(({ status }) => status === 'RUNNING').map(({ id }) => id)
      const isOver = [...ran.current].some((id) => !running.includes(id))
      ran.current = new Set(running)
      if (isOver) ended.current()
      if (nodes.length) timer = setTimeout(look, PAUSE)
    }
    timer = setTimeout(look, MOMENT)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [store, changes, shown])

  return actions
}
