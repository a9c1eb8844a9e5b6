import type { VariablesOf } from '../../api/graphql'
import { today } from '../../words/figures'
import type { TicketsQuery } from './documents'

const KINDS = ['PARENT', 'CHILD', 'ALL'] as const
const STATES = ['OPEN', 'IN_PROGRESS', 'WORKING', 'CLOSED', 'CANCELLED'] as const
const SORTS = ['due', '-due', 'code', 'created', '-created', '-closed'] as const

/** What the list shows, as its address says it. What is left out is the default. */
export type TicketSearch = {
  /** Words of the title, the code or the company's name. */
  text?: string
  kind?: Exclude<(typeof KINDS)[number], 'PARENT'>
  state?: (typeof STATES)[number]
  owner?: string
  kit?: string
  late?: boolean
  sort?: Exclude<(typeof SORTS)[number], 'due'>
  /** The ticket that was opened last: the way back leads to its row. */
  row?: string
}

export type Sort = (typeof SORTS)[number]

type Variables = VariablesOf<typeof TicketsQuery>
type Filter = NonNullable<Variables['filter']>

/** Reads an address that anybody may have written: what it says wrongly does not count. */
export function readSearch(search: Record<string, unknown>): TicketSearch {
  const one = <Value extends string>(value: unknown, values: readonly Value[]) => values.find((each) => each === value)
  const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)
  const kind = one(search.kind, KINDS)
  const sort = one(search.sort, SORTS)
  return defined({
    text: search.text === undefined ? undefined : String(search.text).trim() || undefined,
    kind: kind === 'PARENT' ? undefined : kind,
    state: one(search.state, STATES),
    owner: text(search.owner),
    kit: text(search.kit),
    late: search.late === true ? true : undefined,
    sort: sort === 'due' ? undefined : sort,
    row: text(search.row),
  })
}

function defined(values: { [Key in keyof TicketSearch]: TicketSearch[Key] | undefined }): TicketSearch {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as TicketSearch
}

const ORDERS: Record<Sort, NonNullable<Variables['orderBy']>> = {
  due: 'DUE_ON_ASC',
  '-due': 'DUE_ON_DESC',
  code: 'CODE_ASC',
  created: 'CREATED_AT_ASC',
  '-created': 'CREATED_AT_DESC',
  '-closed': 'CLOSED_AT_DESC',
}

/** The question to the hub that an address stands for. `me` is the operator who is signed in. */
export function variablesOf(search: TicketSearch, me: string | null): Pick<Variables, 'filter' | 'orderBy'> {
  const filter: Filter = {}
  if (search.kind !== 'ALL') filter.kind = { eq: search.kind ?? 'PARENT' }
  if (search.state === 'WORKING' || search.late) filter.status = { in: ['OPEN', 'IN_PROGRESS'] }
  else if (search.state) filter.status = { eq: search.state }
  if (search.late) filter.dueOn = { lt: today() }
  const owner = search.owner === 'me' ? me : search.owner
  if (owner) filter.ownerId = { eq: owner }
  if (search.text) filter.text = search.text
  if (search.kit) filter.kitId = { eq: search.kit }
  return { filter, orderBy: ORDERS[search.sort ?? 'due'] }
}

/** The address without each of its filters, one at a time. */
export function without(search: TicketSearch): [keyof TicketSearch, TicketSearch][] {
  const { row: _, sort, ...filters } = search
  return (Object.keys(filters) as (keyof typeof filters)[]).map((filter) => {
    const { [filter]: _removed, ...wider } = filters
    return [filter, sort ? { ...wider, sort } : wider]
  })
}

/** Whether two addresses show the same list, wherever the focus is. */
export function sameList(one: TicketSearch, other: TicketSearch): boolean {
  const shown = ({ row: _, ...rest }: TicketSearch) => JSON.stringify(Object.entries(rest).sort())
  return shown(one) === shown(other)
}
