import './task.css'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { longDay } from '../../words/figures'
import { Checklist } from './Checklist'
import { Links } from './Links'
import { NotesField } from './NotesField'
import type { MilestoneDetails, RowDetails, TaskDetails } from './panelDocuments'
import { UpdateTask } from './panelMutations'
import type { TaskRow, TreeRow } from './rows'
import { UpdateTicket } from './taskMutations'
import { useTreeParts } from './treeContext'
import { useRowDetails } from './useRowDetails'
import { writeTree } from './writes'

/** What a task's row does not show, for a list that shows nothing else of it. */
export function TaskDetailsOf({ task }: { task: TaskRow }) {
  const details = useRowDetails(useTreeParts().store, task)
  return (
    details && (
      <section>
        <Details row={task} details={details} />
      </section>
    )
  )
}

/** The work of a row: its facts, checklist, notes and documents. */
export function Details({ row, details }: { row: TreeRow; details: RowDetails }) {
  const { store } = useTreeParts()
  const { id } = row
  const isOf = details.__typename
  return (
    <>
      {isOf === 'Task' && <TaskFacts details={details} dueOn={row.dueOn} />}
      {isOf === 'Milestone' && <MilestoneFacts details={details} />}
      {isOf === 'Task' && details.checklist.length > 0 && <Checklist taskId={id} entries={details.checklist} />}
      {isOf === 'Task' && (
        <NotesField
          id={id}
          notes={details.notes ?? ''}
          version={details.version}
          save={(notes, version) => writeTree(store, UpdateTask, { id, input: { notes }, version })}
        />
      )}
      {isOf === 'Ticket' && (
        <NotesField
          id={id}
          notes={details.notes ?? ''}
          version={details.version}
          save={(notes, version) => writeTree(store, UpdateTicket, { id, input: { notes }, version })}
        />
      )}
      <Links subjectId={id} links={details.links} />
    </>
  )
}

function TaskFacts({ details, dueOn }: { details: TaskDetails; dueOn: string }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const reason = details.skippedReason ?? details.waivedReason ?? details.reopenedReason
  return (
    <dl className="facts-list">
      <dt>{t`Ruolo`}</dt>
      <dd>{details.workflowRole}</dd>
      <dt>{t`Comincia`}</dt>
      <dd>{longDay(details.startsOn, i18n.locale)}</dd>
      {details.originalDueOn !== dueOn && (
        <>
          <dt>{t`In origine`}</dt>
          <dd>{longDay(details.originalDueOn, i18n.locale)}</dd>
        </>
      )}
      <dt>{t`Ore stimate`}</dt>
      <dd>{i18n.number(Number(details.estimatedHours))}</dd>
      {reason && (
        <>
          <dt>{t`Motivo`}</dt>
          <dd>{reason}</dd>
        </>
      )}
    </dl>
  )
}

function MilestoneFacts({ details }: { details: MilestoneDetails }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  return (
    <dl className="facts-list">
      <dt>{t`Comincia`}</dt>
      <dd>{longDay(details.startsOn, i18n.locale)}</dd>
      {details.waitsFor.length > 0 && (
        <>
          <dt>{t`Aspetta`}</dt>
          <dd>{details.waitsFor.map(({ title }) => title).join(', ')}</dd>
        </>
      )}
    </dl>
  )
}
