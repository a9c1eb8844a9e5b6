import { useLingui } from '@lingui/react/macro'
import { lazy, Suspense } from 'react'
import { usePreload } from '../../app/preload'
import { say } from '../../app/toast'
import type { TaskChange } from './changes'
import type { TaskRow, TreeRow } from './rows'
import { useTreeParts } from './treeContext'

const loadAssign = () => import('./AssignDialog').then(({ AssignDialog }) => ({ default: AssignDialog }))
const loadDate = () => import('./DateDialog').then(({ DateDialog }) => ({ default: DateDialog }))
const loadAddWork = () => import('./AddWorkDialog').then(({ AddWorkDialog }) => ({ default: AddWorkDialog }))
const loadAll = () => Promise.all([loadAssign(), loadDate(), loadAddWork()])
const AssignDialog = lazy(loadAssign)
const DateDialog = lazy(loadDate)
const AddWorkDialog = lazy(loadAddWork)

/** A question about the current row, about who owns a ticket, or about another day for a row. */
export type Asked = 'assign' | 'date' | 'task' | 'milestone' | { owner: string } | { redate: string; to: string } | null

/** What is asked before a task is assigned, gets another date, or work is added. */
export function TaskDialogs({
  asked,
  row,
  onChange,
  onAdded = () => undefined,
  onAsk,
  onDone,
  onClose,
}: {
  asked: Asked
  row: TreeRow | undefined
  onChange: (task: TaskRow, change: TaskChange) => void
  onAdded?: (id: string) => void
  onAsk: (what: Asked) => void
  onDone?: () => void
  onClose: () => void
}) {
  const { t } = useLingui()
  const { store, changeTicket, mayWrite } = useTreeParts()
  usePreload(loadAll, mayWrite)
  const task = row?.kind === 'task' ? row : undefined
  const owned = isObject(asked) && 'owner' in asked ? store.get(asked.owner) : undefined
  const again = isObject(asked) && 'redate' in asked ? asked : undefined
  const dated = again ? store.get(again.redate) : asked === 'date' ? row : undefined
  return (
    <Suspense fallback={<div data-modal="" />}>
      {asked === 'assign' && task && (
        <AssignDialog
          title={t`Assegna: ${task.title}`}
          now={task.assignee}
          onChoose={(to) => onChange(task, { is: 'assign', to })}
          onClose={onClose}
        />
      )}
      {dated && dated.kind !== 'ticket' && (
        <DateDialog
          row={dated}
          proposed={again?.to ?? dated.dueOn}
          onMoved={() => {
            onDone?.()
            // What moved along may not come back with it: the way back shows first what does.
            say(t`Scadenza spostata: ${dated.title}`, () => onAsk({ redate: dated.id, to: dated.dueOn }))
          }}
          onClose={onClose}
        />
      )}
      {(asked === 'task' || asked === 'milestone') && row && (
        <AddWorkDialog what={asked} at={row} onAdded={onAdded} onClose={onClose} />
      )}
      {owned?.kind === 'ticket' && (
        <AssignDialog
          title={t`Responsabile di ${owned.code}`}
          now={owned.owner}
          onChoose={(to) => changeTicket(owned, { is: 'handOver', to })}
          onClose={onClose}
        />
      )}
    </Suspense>
  )
}

function isObject(asked: Asked): asked is Extract<Asked, object> {
  return typeof asked === 'object' && asked !== null
}
