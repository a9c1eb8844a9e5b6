import { useEffect, useRef } from 'react'
import { read } from '../../api/client'
import { graphql, type ResultOf } from '../../api/graphql'
import { useFresh } from '../../app/useFresh'
import { useChangeCount } from '../../app/work'
import type { TreeStore } from './useTree'

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
const NONE: readonly ActionHere[] = []

/** The actions of a tree that run or wait, whoever pressed. `onEnd` is called when one that ran does not any more. */
export function useActionsHere(store: TreeStore, shown: string | undefined, onEnd: () => void): readonly ActionHere[] {
  const told = useChangeCount('ACTIONS')
  const ran = useRef<readonly string[]>([])
  const ended = useRef(onEnd)
  ended.current = onEnd

  const look = async () => {
    const ids = [...store.rows()].flatMap((row) => (row.kind === 'ticket' ? [row.id] : [])).slice(0, MOST_IDS)
    return (await read(ActionsHereQuery, { ids })).actions.nodes
  }
  const actions = useFresh('actions', look, `${told} ${shown}`) ?? NONE

  useEffect(() => {
    const running = actions.filter(({ status }) => status === 'RUNNING').map(({ id }) => id)
    if (ran.current.some((id) => !running.includes(id))) ended.current()
    ran.current = running
  }, [actions])

  return actions
}
