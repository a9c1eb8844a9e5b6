import type { VariablesOf } from '../../api/graphql'
import { PRIORITIES, type Priority } from '../../words/status'
import type { TodoTasksQuery } from './documents'

export const VIEWS = ['mine', 'team', 'late', 'inbox', 'errors'] as const

export type View = (typeof VIEWS)[number]

/** What narrows the lists of tasks. */
export type TodoFilter = { text?: string; assignee?: string; kit?: string; priority?: Priority }

/** Which list is shown, which of its entries is read beside it, and what narrows it. */
export type TodoSearch = TodoFilter & { view?: View; item?: string }

type Condition = VariablesOf<typeof TodoTasksQuery>['filter']

const CONDITIONS: Partial<Record<View, Condition>> = {
  mine: { assignee: { isMe: true }, ready: { eq: true } },
  team: { ready: { eq: true } },
  late: { late: { eq: true } },
}

/** Reads an address that anybody may have written: what it says wrongly does not count. */
export function readTodoSearch(search: Record<string, unknown>): TodoSearch {
  const word = (value: unknown) => (typeof value === 'string' && value ? value : undefined)
  const said = {
    view: VIEWS.find((one) => one === search.view),
    item: word(search.item),
    text: search.text === undefined ? undefined : String(search.text).trim() || undefined,
    assignee: word(search.assignee),
    kit: word(search.kit),
    priority: PRIORITIES.find((one) => one === search.priority),
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as TodoSearch
}

export function filterOf({ text, assignee, kit, priority }: TodoSearch): TodoFilter {
  return readTodoSearch({ text, assignee, kit, priority })
}

/** The question for the tasks of a view; undefined for a view without tasks. */
export function conditionOf(view: View, { text, assignee, kit, priority }: TodoFilter): Condition | undefined {
  const own = CONDITIONS[view]
  if (!own) return undefined
  const ticket = { ...(kit ? { kitId: { eq: kit } } : {}), ...(priority ? { priority: { eq: priority } } : {}) }
  return {
    ...own,
    ...(text ? { text } : {}),
    ...(assignee && view !== 'mine' ? { assigneeId: { eq: assignee } } : {}),
    ...(kit || priority ? { ticket } : {}),
  }
}
