import { RequestFailed, write } from '../../api/client'
import type { VariablesOf } from '../../api/graphql'
import { type ChangeEnd, endOf, type TaskChange, wished } from '../tree/changes'
import { type TaskRow, taskRow } from '../tree/rows'
import type { TreeStore } from '../tree/useTree'
import { ChangeTasks } from './documents'

/** A change of many tasks; `move` shifts the due date of each by working days. */
export type BulkChange = TaskChange | { is: 'reschedule'; dueOn: string } | { is: 'move'; byWorkingDays: number }

/** Tasks as they were, with the change that brings that back. */
export type Undo = { tasks: readonly TaskRow[]; change: BulkChange }

/** As many as one mutation takes. */
const MOST = 100

/** Shows the wish on every row at once, sends it, and tells how it ended for each. */
export async function changeAll(
  store: TreeStore,
  tasks: readonly TaskRow[],
  change: BulkChange,
): Promise<ReadonlyMap<string, ChangeEnd>> {
  // The dates that move along are the hub's to say.
  const fields = change.is === 'move' || change.is === 'reschedule' ? {} : wished(change)
  const takeAway = tasks.map(({ id }) => store.overlay(id, fields))
  try {
    const ends = new Map<string, ChangeEnd>()
    for (let at = 0; at < tasks.length; at += MOST) {
      for (const [id, end] of await send(store, tasks.slice(at, at + MOST), change, fields)) ends.set(id, end)
    }
    return ends
  } finally {
    for (const back of takeAway) back()
  }
}

async function send(
  store: TreeStore,
  tasks: readonly TaskRow[],
  change: BulkChange,
  fields: Partial<TaskRow>,
): Promise<[string, ChangeEnd][]> {
  const targets = tasks.map(({ id, version }) => ({ id, expectedVersion: version }))
  try {
    const { changeTasks } = await write(ChangeTasks, { tasks: targets, change: inputOf(change) })
    const { results, problems } = changeTasks
    if (!results) return tasks.map(({ id }) => [id, endOf({ problems }, store, fields)])
    store.put(
      results.flatMap(({ task }) => (task ? [taskRow(task)] : [])),
      store.seq,
    )
    return results.map((result) => [result.taskId, endOf(result, store, fields)])
  } catch (error) {
    if (error instanceof RequestFailed) return tasks.map(({ id }) => [id, { is: 'lost' }])
    throw error
  }
}

function inputOf(change: BulkChange): VariablesOf<typeof ChangeTasks>['change'] {
  switch (change.is) {
    case 'start':
      return { start: true }
    case 'complete':
      return { complete: true }
    case 'skip':
      return { skip: {} }
    case 'reopen':
      return { reopen: {} }
    case 'assign':
      return { assign: { operatorId: change.to.id } }
    case 'reschedule':
      return { reschedule: { dueOn: change.dueOn } }
    case 'move':
      return { reschedule: { byWorkingDays: change.byWorkingDays } }
  }
}

/** What brings the tasks back to what they were, where anything does. Dates do not come back: others moved along. */
export function undoOf(change: BulkChange, before: readonly TaskRow[]): readonly Undo[] {
  if (change.is === 'complete' || change.is === 'skip') return [{ tasks: before, change: { is: 'reopen' } }]
  if (change.is !== 'assign') return []
  const people = new Map(before.map(({ assignee }) => [assignee.id, assignee]))
  return [...people.values()].map((to) => ({
    tasks: before.filter(({ assignee }) => assignee.id === to.id),
    change: { is: 'assign', to },
  }))
}
