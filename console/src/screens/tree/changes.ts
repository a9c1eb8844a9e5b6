import { RequestFailed, write } from '../../api/client'
import { unsaved } from '../../api/unsaved'
import type { Priority } from '../../words/status'
import { type Person, type TaskRow, type TicketRow, taskRow, ticketRow } from './rows'
import {
  AssignTask,
  CompleteTask,
  nowOf,
  type ReadAnswer,
  ReopenTask,
  SkipTask,
  StartTask,
  UpdateTicket,
} from './taskMutations'
import { type TreeStore, takeAnswer } from './useTree'

export type TaskChange = { is: 'start' | 'complete' | 'skip' | 'reopen' } | { is: 'assign'; to: Person }

export type TicketChange = { is: 'prioritise'; priority: Priority } | { is: 'handOver'; to: Person }

/** How a change ended: `refused` by a rule, in `conflict` with another's, or `lost` on the way. */
export type ChangeEnd =
  | { is: 'done' }
  | { is: 'refused'; code: string }
  | { is: 'conflict'; by: string | null }
  | { is: 'lost' }

/** What the row looks like once the wish came true. */
export function wished(change: TaskChange): Partial<TaskRow> {
  switch (change.is) {
    case 'start':
      return { status: 'IN_PROGRESS' }
    case 'complete':
      return { status: 'DONE', sla: null }
    case 'skip':
      return { status: 'SKIPPED', sla: null }
    case 'reopen':
      return { status: 'TODO' }
    case 'assign':
      return { assignee: change.to }
  }
}

type Wish<Row> = { fields: Partial<Row>; send: (version: number) => Promise<{ answer: ReadAnswer }> }

function sendTask({ id }: TaskRow, change: TaskChange, version: number): Promise<{ answer: ReadAnswer }> {
  switch (change.is) {
    case 'start':
      return write(StartTask, { id, version })
    case 'complete':
      return write(CompleteTask, { id, version })
    case 'skip':
      return write(SkipTask, { id, version })
    case 'reopen':
      return write(ReopenTask, { id, version })
    case 'assign':
      return write(AssignTask, { id, operatorId: change.to.id, version })
  }
}

function ticketWishOf({ id }: TicketRow, change: TicketChange): Wish<TicketRow> {
  if (change.is === 'handOver') {
    const input = { ownerId: change.to.id }
    return { fields: { owner: change.to }, send: (version) => write(UpdateTicket, { id, input, version }) }
  }
  const { priority } = change
  return { fields: { priority }, send: (version) => write(UpdateTicket, { id, input: { priority }, version }) }
}

/** The last change of each row that is under way: the next one waits for the version that it leads to. */
const underWay = new Map<string, Promise<ChangeEnd>>()

/** Shows the wish at once, sends it, and shows what the hub says instead. */
export function changeTask(store: TreeStore, task: TaskRow, change: TaskChange): Promise<ChangeEnd> {
  return inTurn(store, task, { fields: wished(change), send: (version) => sendTask(task, change, version) })
}

export function changeTicket(store: TreeStore, ticket: TicketRow, change: TicketChange): Promise<ChangeEnd> {
  return inTurn(store, ticket, ticketWishOf(ticket, change))
}

function inTurn<Row extends TaskRow | TicketRow>(store: TreeStore, row: Row, wish: Wish<Row>): Promise<ChangeEnd> {
  const ending = unsaved(changeAfter(underWay.get(row.id), store, row, wish))
  underWay.set(row.id, ending)
  return ending
}

async function changeAfter<Row extends TaskRow | TicketRow>(
  before: Promise<ChangeEnd> | undefined,
  store: TreeStore,
  row: Row,
  { fields, send }: Wish<Row>,
): Promise<ChangeEnd> {
  const takeAway = store.overlay(row.id, fields)
  try {
    await before
    const { answer } = await send(store.get(row.id)?.version ?? row.version)
    takeAnswer(store, answer)
    return endOf(answer, store, fields)
  } catch (error) {
    if (error instanceof RequestFailed) return { is: 'lost' }
    throw error
  } finally {
    takeAway()
  }
}

export function endOf(
  { problems }: Pick<ReadAnswer, 'problems'>,
  store: TreeStore,
  fields: Record<string, unknown>,
): ChangeEnd {
  const [problem] = problems
  if (!problem) return { is: 'done' }
  if (problem.__typename !== 'ConflictProblem') return { is: 'refused', code: problem.code }
  const current = nowOf(problem)
  const by = problem.changedBy?.name ?? null
  const row = current && rowNow(current)
  if (!row) return { is: 'conflict', by }
  store.put([row], store.seq)
  // What was wished for is so already: there is nothing to say.
  return agrees(row, fields) ? { is: 'done' } : { is: 'conflict', by }
}

function rowNow(current: NonNullable<ReturnType<typeof nowOf>>): TaskRow | TicketRow | null {
  if (current.__typename === 'Task') return taskRow(current)
  return current.__typename === 'Ticket' ? ticketRow(current) : null
}

/** Whether the row is as wished. The light follows from the rest. */
function agrees(row: TaskRow | TicketRow, { sla: _, ...wished }: Record<string, unknown>): boolean {
  const fields = Object.entries(wished)
  return fields.length > 0 && fields.every(([name, value]) => sameValue(value, row[name as keyof typeof row]))
}

function sameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
