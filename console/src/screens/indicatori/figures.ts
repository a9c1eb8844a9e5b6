import type { VariablesOf } from '../../api/graphql'
import type { KpiKey } from '../../words/kpis'
import type { BoardQuery, Figure, Grouped } from './documents'

type Requests = VariablesOf<typeof BoardQuery>['figures']

/** The figures of the cards, in their order. */
const CARDS = [
  { key: 'ON_TIME', subject: 'MILESTONES' },
  { key: 'LATE', subject: 'TASKS' },
  { key: 'AT_RISK', subject: 'MILESTONES' },
  { key: 'FINISHED', subject: 'TASKS' },
  { key: 'LEAD_TIME', subject: 'CHILDREN' },
  { key: 'TIME_TO_ONBOARDED', subject: 'PARENTS' },
  { key: 'IN_PROGRESS', subject: 'MILESTONES' },
  { key: 'STANDSTILL', subject: 'MILESTONES' },
  { key: 'LOAD_SHARE', subject: 'TASKS' },
  { key: 'VALUE_OPEN', subject: 'CHILDREN' },
  { key: 'REOPENED', subject: 'TICKETS' },
  { key: 'INBOX', subject: 'SALES' },
] as const satisfies Requests

/** What stands beside a figure on its card, because one cannot judge it alone. */
const BESIDE: Partial<Record<KpiKey, Requests>> = {
  FINISHED: [{ key: 'DUE', subject: 'TASKS' }],
  LEAD_TIME: [{ key: 'FLOW_EFFICIENCY', subject: 'CHILDREN' }],
  IN_PROGRESS: [{ key: 'BACKLOG', subject: 'MILESTONES' }],
  LOAD_SHARE: [{ key: 'LOAD', subject: 'TASKS' }],
  VALUE_OPEN: [{ key: 'VALUE_AT_RISK', subject: 'CHILDREN' }],
  INBOX: [
    { key: 'RECOGNISED', subject: 'SALES' },
    { key: 'CRM_ATTENTION', subject: 'EFFECTS' },
  ],
}

const STAGES = [{ key: 'PROGRESS', subject: 'MILESTONES' }] satisfies Requests

export const REQUESTS = {
  figures: [...CARDS, ...Object.values(BESIDE).flat()],
  load: [
    { key: 'OPEN', subject: 'TASKS' },
    { key: 'LATE', subject: 'TASKS' },
    { key: 'FINISHED', subject: 'TASKS' },
    { key: 'LOAD', subject: 'TASKS' },
    { key: 'LOAD_SHARE', subject: 'TASKS' },
  ],
  kits: [{ key: 'ON_TIME', subject: 'MILESTONES' }],
  stages: STAGES,
} satisfies Pick<VariablesOf<typeof BoardQuery>, 'figures' | 'load' | 'kits' | 'stages'>

/** What `BoardNews` follows: one figure is enough, since its rows are selected. */
export const NEWS = { figures: STAGES }

export const cardsOf = (figures: readonly Figure[]) => CARDS.flatMap(({ key }) => figureOf(figures, key) ?? [])

export const besideOf = (figures: readonly Figure[], key: KpiKey) =>
  (BESIDE[key] ?? []).flatMap((beside) => figureOf(figures, beside.key) ?? [])

export const figureOf = (figures: readonly Figure[], key: KpiKey) =>
  figures.find(({ definition }) => definition.key === key)

/** The parts of several figures side by side: one line for each key, in the order of the first figure. */
export function linesOf(figures: readonly Grouped[]) {
  const keys = new Map<string, string>()
  for (const { groups } of figures) for (const { key, label } of groups) if (!keys.has(key)) keys.set(key, label)
  return [...keys].map(([key, label]) => ({
    key,
    label,
    measures: figures.map(({ groups }) => groups.find((group) => group.key === key)?.measure),
  }))
}

/** A number of the API, which sends decimals as text. */
export const numberOf = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value)
