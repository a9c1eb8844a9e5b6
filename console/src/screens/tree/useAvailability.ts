import { read } from '../../api/client'
import { graphql, type ResultOf } from '../../api/graphql'
import { useFresh } from '../../app/useFresh'
import { useChangeCount } from '../../app/work'
import type { ButtonName } from '../action/address'
import { type TreeStore, useAnyChange } from './useTree'

const Can = graphql(`
  fragment Can on Availability @_unmask {
    allowed
    problem {
      code
      ... on ActionRunningProblem {
        action {
          id
        }
      }
    }
  }
`)

const AvailabilityQuery = graphql(
  `
  query Availability($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Ticket {
        id
        availability {
          generateOpportunities {
            ...Can
          }
          syncOpportunities {
            ...Can
          }
          generateActivities {
            ...Can
          }
        }
      }
    }
  }
`,
  [Can],
)

/** Why a button cannot be pressed now, and the action that stands in its way. */
export type Obstacle = { code: string; actionId: string | undefined }
export type Obstacles = Partial<Record<ButtonName, Obstacle>>

/** What stands against pressing each button now: 🟡 and 🟠 for the parent, 🟣 for the child that the current row is in. */
export function useAvailability(store: TreeStore, parentId: string, childId: string | null): Obstacles {
  const changes = useAnyChange(store)
  const actions = useChangeCount('ACTIONS')
  const when = `${changes} ${actions}`
  const ofParent = useFresh(parentId, () => readAvailability(parentId), when)
  const ofChild = useFresh(childId, () => readAvailability(childId ?? ''), when)
  return {
    ...obstacle('generate', ofParent?.generateOpportunities),
    ...obstacle('sync', ofParent?.syncOpportunities),
    ...obstacle('activities', ofChild?.generateActivities),
  }
}

async function readAvailability(id: string) {
  const [ticket] = (await read(AvailabilityQuery, { ids: [id] })).nodes
  return ticket && 'availability' in ticket ? ticket.availability : null
}

function obstacle(button: ButtonName, can: ResultOf<typeof Can> | null | undefined): Obstacles {
  if (!can?.problem || can.allowed) return {}
  const actionId = 'action' in can.problem ? can.problem.action.id : undefined
  return { [button]: { code: can.problem.code, actionId } }
}
