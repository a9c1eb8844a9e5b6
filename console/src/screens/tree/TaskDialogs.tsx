import { useLingui } from '@lingui/react/macro'
import { lazy, Suspense } from 'react'
import type { TaskChange } from './changes'
import type { TaskRow } from './rows'

const AssignDialog = lazy(() => import('./AssignDialog').then(({ AssignDialog }) => ({ default: AssignDialog })))
const DateDialog = lazy(() => import('./DateDialog').then(({ DateDialog }) => ({ default: DateDialog })))

export type Asked = 'assign' | 'date' | null

/** What is asked before a task is assigned or gets another date. */
export function TaskDialogs({
  asked,
  task,
  onChange,
  onClose,
}: {
  asked: Asked
  task: TaskRow | undefined
  onChange: (task: TaskRow, change: TaskChange) => void
  onClose: () => void
}) {
  const { t } = useLingui()
  if (!task) return null
  return (
    <Suspense>
      {asked === 'assign' && (
        <AssignDialog
          title={t`Assegna: ${task.title}`}
          now={task.assignee.id}
          onChoose={(to) => onChange(task, { is: 'assign', to })}
          onClose={onClose}
        />
      )}
      {asked === 'date' && (
        <DateDialog task={task} onChoose={(dueOn) => onChange(task, { is: 'reschedule', dueOn })} onClose={onClose} />
      )}
    </Suspense>
  )
}
