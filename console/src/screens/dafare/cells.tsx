import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { CalendarDays, CircleHelp, CircleX, Inbox, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Column } from '../../ui/Grid'
import { Avatar, DueDay } from '../../ui/parts'
import { lengthText, timeOrDay, today, weekday } from '../../words/figures'
import { INTAKE_REASON } from '../../words/intake'
import { lookOf } from '../action/buttons'
import { TaskMark } from '../tree/cells'
import { NoteLine } from '../tree/NoteLine'
import { useTreeParts } from '../tree/treeContext'
import type { Note } from '../tree/useTaskChanges'
import { useRow } from '../tree/useTree'
import type { ListedTask } from './documents'
import { fridayAfter, type Line } from './lines'

type Notes = { notes: ReadonlyMap<string, Note>; onDismiss: (taskId: string) => void }

export function useTodoColumns({ notes, onDismiss }: Notes): Column<Line>[] {
  const { t } = useMacro()
  return [
    { id: 'mark', title: t`Tipo`, width: '38px', cell: (line) => <Mark line={line} /> },
    {
      id: 'what',
      title: t`Elemento`,
      width: 'minmax(0, 1fr)',
      cell: (line) =>
        line.is === 'note' ? (
          <NoteLine note={notes.get(line.taskId)} onDismiss={() => onDismiss(line.taskId)} />
        ) : (
          <What line={line} />
        ),
    },
    { id: 'state', title: t`Stato`, width: '150px', cell: (line) => <State line={line} /> },
    { id: 'who', title: t`Chi`, width: '52px', end: true, cell: (line) => <Who line={line} /> },
  ]
}

export function headingOf(line: Line): ReactNode {
  return line.is === 'heading' ? <Heading line={line} /> : undefined
}

function Heading({ line }: { line: Extract<Line, { is: 'heading' }> }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const now = today()
  const words = {
    inbox: [t`Vendite da smistare`, t`arrivano dal CRM`],
    late: [t`In ritardo`, ''],
    today: [t`Oggi`, weekday(now, i18n.locale)],
    week: [t`Entro ${weekday(fridayAfter(now), i18n.locale)}`, ''],
    later: [t`Più avanti`, ''],
  } satisfies Record<typeof line.of, [string, string]>
  const [title, more] = words[line.of]
  const Icon = { inbox: Inbox, late: TriangleAlert, today: CalendarDays, week: CalendarDays, later: CalendarDays }[
    line.of
  ]
  return (
    <span className={`todo-heading ${line.of}`}>
      <Icon size={14} aria-hidden /> <b>{title}</b>{' '}
      <span className="quiet">{line.count === null ? '' : lengthText(line.count, i18n.locale)}</span>
      <span className="quiet end">{more}</span>
    </span>
  )
}

function Mark({ line }: { line: Line }) {
  if (line.is === 'item') return <CircleHelp size={17} className="on-violet" aria-hidden />
  if (line.is === 'action') return <CircleX size={17} className="on-red" aria-hidden />
  return line.is === 'task' ? <MarkOf task={line.task} /> : null
}

function MarkOf({ task }: { task: ListedTask }) {
  const row = useRow(useTreeParts().store, task.id)
  return row?.kind === 'task' ? <TaskMark task={row} /> : null
}

function What({ line }: { line: Line }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  switch (line.is) {
    case 'item':
      return <Two title={line.item.shownSubject ?? t`Senza oggetto`} more={t`Attività ${line.item.crmActivityId}`} />
    case 'task':
      return <Two title={line.task.title} more={`${line.task.ticket.code} · ${line.task.ticket.company.name}`} />
    case 'action': {
      const { kind, attentionCount, ticket, company } = line.action
      const count = plural(attentionCount, { one: '# voce da guardare', other: '# voci da guardare' })
      return (
        <Two
          title={`${lookOf(kind, _).name}: ${count}`}
          more={[ticket?.code, company?.name].filter(Boolean).join(' · ')}
        />
      )
    }
    default:
      return null
  }
}

function Two({ title, more }: { title: string; more: string }) {
  return (
    <span className="two-lines">
      <strong title={title}>{title}</strong>
      <span className="quiet">{more}</span>
    </span>
  )
}

function State({ line }: { line: Line }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { store } = useTreeParts()
  const row = useRow(store, line.is === 'task' ? line.task.id : '')
  if (line.is === 'item') {
    if (line.settled) return <span className="chip tone-grey">{t`Decisa`}</span>
    return <span className="chip tone-violet plain">{_(INTAKE_REASON[line.item.reason].word)}</span>
  }
  return row?.kind === 'task' ? <DueDay dueOn={row.dueOn} light={row.sla} /> : null
}

function Who({ line }: { line: Line }) {
  const { i18n } = useLingui()
  const row = useRow(useTreeParts().store, line.is === 'task' ? line.task.id : '')
  if (line.is === 'item') return <span className="quiet">{timeOrDay(line.item.createdAt, i18n.locale)}</span>
  if (line.is === 'action')
    return <span className="quiet">{timeOrDay(line.action.finishedAt ?? line.action.createdAt, i18n.locale)}</span>
  if (row?.kind !== 'task') return null
  return (
    <span title={row.assignee.name}>
      <Avatar name={row.assignee.name} />
      <span className="unseen">{row.assignee.name}</span>
    </span>
  )
}
