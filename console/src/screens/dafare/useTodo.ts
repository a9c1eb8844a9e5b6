import { useCallback, useEffect, useMemo, useRef } from 'react'
import { read } from '../../api/client'
import { usePages } from '../../app/usePages'
import { RowStore } from '../../live/rowStore'
import { taskRow } from '../tree/rows'
import { type TreeStore, useAnyChange } from '../tree/useTree'
import { CrmErrorsQuery, InboxQuery, type ListedTask, TodoTasksQuery } from './documents'
import { conditionOf, type TodoFilter, type View } from './search'

/** What a view shows. The rows of the tasks are in a store, where a wish lies over them until the hub has answered. */
export function useTodo(view: View, narrowed: TodoFilter) {
  const filter = conditionOf(view, narrowed)
  const isNarrowed = Object.keys(narrowed).length > 0
  const tasks = usePages(
    filter ? `todo ${JSON.stringify(filter)}` : null,
    async (page) => (await read(TodoTasksQuery, { filter, ...page })).tasks,
    'TASKS',
  )
  const inbox = usePages(
    (view === 'mine' && !isNarrowed) || view === 'inbox' ? 'inbox' : null,
    async (page) => (await read(InboxQuery, page)).intakeItems,
    'INTAKE',
  )
  const errors = usePages(
    view === 'errors' ? 'errors' : null,
    async (page) => (await read(CrmErrorsQuery, page)).actions,
    'ACTIONS',
  )
  const store = useRef<TreeStore>(new RowStore({ oneLog: false })).current
  const nodes = tasks.isOf ? tasks.pages?.nodes : undefined

  const known = useMemo(() => new Map(nodes?.map((task): [string, ListedTask] => [task.id, task])), [nodes])
  useEffect(() => store.put((nodes ?? []).map(taskRow), 0), [store, nodes])
  useAnyChange(store)

  const [readTasks, readInbox, readErrors] = [tasks.readAgain, inbox.readAgain, errors.readAgain]
  const readAgain = useCallback(async () => {
    await Promise.all([readTasks(), readInbox(), readErrors()])
  }, [readTasks, readInbox, readErrors])

  return { tasks, inbox, errors, store, taskOf: (id: string) => known.get(id), readAgain }
}
