import { RequestFailed, write } from '../../api/client'
import { AssignTask, CompleteTask, ReopenTask, RescheduleTask, SkipTask, StartTask, type TaskAnswer } from './documents'
import { type TaskRow, taskRow } from './rows'
import type { TreeStore } from './useTree'

export type TaskChange =
  | { is: 'start' | 'complete' | 'skip' | 'reopen' }
  | { is: 'assign'; to: { id: string; name: string } }
  | { is: 'reschedule'; dueOn: string }

/** How a change ended: `refused` by a rule, in `conflict` with another's, or `lost` on the way. */
export type ChangeEnd =
  | { is: 'done' }
  | { is: 'refused'; code: string }
  | { is: 'conflict'; by: string | null }
  | { is: 'lost' }

/** What the row looks like once the wish came true. The dates that move along are the hub's to say. */
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
    case 'reschedule':
      return {}
  }
}

/** The last change of each task that is under way: the next one waits for the version that it leads to. */
const underWay = new Map<string, Promise<ChangeEnd>>()

/** Shows the wish at once, sends it, and shows what the hub says instead. */
export function changeTask(store: TreeStore, task: TaskRow, change: TaskChange): Promise<ChangeEnd> {
  const ending = changeAfter(underWay.get(task.id), store, task, change)
  underWay.set(task.id, ending)
  return ending
}

async function changeAfter(
  before: Promise<ChangeEnd> | undefined,
  store: TreeStore,
  task: TaskRow,
  change: TaskChange,
): Promise<ChangeEnd> {
  const fields = wished(change)
  const takeAway = store.overlay(task.id, fields)
  try {
    await before
    const version = store.get(task.id)?.version ?? task.version
    const { answer } = await send({ ...task, version }, change)
    if (answer.task) store.put([taskRow(answer.task)], store.seq)
    return endOf(answer, store, fields)
  } catch (error) {
    if (error instanceof RequestFailed) return { is: 'lost' }
    throw error
  } finally {
    takeAway()
  }
}

export function endOf(
  { problems }: Pick<TaskAnswer, 'problems'>,
  store: TreeStore,
  fields: Partial<TaskRow>,
): ChangeEnd {
  const [problem] = problems
  if (!problem) return { is: 'done' }
  if (problem.__typename !== 'ConflictProblem') return { is: 'refused', code: problem.code }
  const { current } = problem
  const by = problem.changedBy?.name ?? null
  if (current?.__typename !== 'Task') return { is: 'conflict', by }
  store.put([taskRow(current)], store.seq)
  // What was wished for is so already: there is nothing to say.
  const isSo = fields.assignee ? fields.assignee.id === current.assignee.id : fields.status === current.status
  return isSo ? { is: 'done' } : { is: 'conflict', by }
}

function send(task: TaskRow, change: TaskChange): Promise<{ answer: TaskAnswer }> {
  const { id, version } = task
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
    case 'reschedule':
      return write(RescheduleTask, { id, dueOn: change.dueOn, version })
  }
}
