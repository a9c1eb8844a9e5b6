import type { VariablesOf } from '../../api/graphql'
import type { BoardQuery } from './documents'

/** The periods that are one press away, in days up to and with today. */
export const PERIODS = [7, 30, 90, 365] as const
export type Period = (typeof PERIODS)[number]

/** What the board is of, as its address says it. What is left out is the default. */
export type BoardSearch = {
  days?: Exclude<Period, 30>
  /** The first day and the day after the last: instead of `days`. */
  from?: string
  to?: string
  kit?: string
  operator?: string
  /** For a screen on the wall. */
  wall?: 1
}

type Variables = VariablesOf<typeof BoardQuery>

const DAY = 86_400_000

/** Reads an address that anybody may have written: what it says wrongly does not count. */
export function readBoardSearch(search: Record<string, unknown>): BoardSearch {
  const word = (value: unknown) => (typeof value === 'string' && value ? value : undefined)
  const [from, to] = [dayOf(search.from), dayOf(search.to)]
  const days = PERIODS.find((one) => one === Number(search.days))
  const said = {
    days: days === 30 || (from && to) ? undefined : days,
    ...(from && to && from < to && lengthOf(from, to) <= 731 ? { from, to } : {}),
    kit: word(search.kit),
    operator: word(search.operator),
    wall: Number(search.wall) === 1 ? 1 : undefined,
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as BoardSearch
}

function dayOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined
}

function lengthOf(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY)
}

/** The question to the hub that an address stands for. Long periods are shown by weeks and months. */
export function periodOf(search: BoardSearch): Pick<Variables, 'lastDays' | 'from' | 'to' | 'interval'> {
  const { from, to } = search
  const days = from && to ? lengthOf(from, to) : (search.days ?? 30)
  const interval = days <= 45 ? 'DAY' : days <= 200 ? 'WEEK' : 'MONTH'
  return from && to ? { from, to, interval } : { lastDays: days, interval }
}

export function filterOf({ kit, operator }: BoardSearch): NonNullable<Variables['filter']> {
  return {
    ...(kit ? { kitId: { eq: kit } } : {}),
    ...(operator ? { operatorId: { eq: operator } } : {}),
  }
}
