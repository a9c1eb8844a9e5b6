import './task.css'
import { useLingui } from '@lingui/react/macro'
import { ChevronDown, ChevronRight, Flag, Lock, Ticket } from 'lucide-react'
import { CrmLink } from '../../ui/CrmLink'
import { Chip, DueDay, LightMark, Person, Progress } from '../../ui/parts'
import { MILESTONE_STATUS, type Shown, TASK_STATUS, TICKET_STATUS } from '../../words/status'
import { isFinished, type Line, type TaskRow, type TreeRow } from './rows'
import { useTreeParts } from './treeContext'
import { useRow } from './useTree'

function useLine(line: Line): TreeRow | undefined {
  return useRow(useTreeParts().store, line.id)
}

/** What a row is: its place in the tree, its title, and what is wrong with it. */
export function Element({ line }: { line: Line }) {
  const { t } = useLingui()
  const { store, sums, toggle } = useTreeParts()
  const row = useLine(line)
  const over = useRow(store, row?.kind === 'task' ? row.milestoneId : '')
  if (!row) return null
  const late = row.kind === 'ticket' || !line.expanded ? (sums.get(row.id)?.late ?? 0) : 0
  return (
    <span className="element-line" style={{ paddingLeft: (line.level - 1) * 18 }}>
      {line.expanded === undefined ? (
        <span className="fold" />
      ) : (
        <button
          type="button"
          className="fold"
          tabIndex={-1}
          aria-label={line.expanded ? t`Chiudi ${row.title}` : t`Apri ${row.title}`}
          onClick={() => toggle(row.id, !line.expanded)}
        >
          {line.expanded ? <ChevronDown size={15} aria-hidden /> : <ChevronRight size={15} aria-hidden />}
        </button>
      )}
      {row.kind === 'task' && <TaskMark task={row} />}
      {row.kind === 'milestone' && <Flag size={15} className="row-icon" aria-hidden />}
      {row.kind === 'ticket' && <Ticket size={16} className="row-icon" aria-hidden />}
      <span className="title" title={row.title}>
        {row.title}
      </span>
      {row.kind === 'ticket' && <span className="code">{row.code}</span>}
      {row.kind === 'task' && !row.mandatory && !isFinished(row) && <span className="mark">{t`facoltativo`}</span>}
      {row.kind !== 'ticket' && row.blocked && !isOver(row) && !(over?.kind === 'milestone' && over.blocked) && (
        <span className="mark">
          <Lock size={11} aria-hidden /> {row.kind === 'task' ? t`bloccato` : t`bloccata`}
        </span>
      )}
      {late > 0 && (
        <span className="mark late" title={t`${late} task in ritardo`}>
          <LightMark light="ORANGE" /> {late}
        </span>
      )}
    </span>
  )
}

export function isOver(row: TreeRow): boolean {
  if (row.kind === 'task') return isFinished(row)
  return row.status === 'COMPLETED' || row.status === 'CANCELLED'
}

/** The circle of a task, which completes and reopens it for those who may. */
export function TaskMark({ task }: { task: TaskRow }) {
  const { t } = useLingui()
  const { mayWrite, change } = useTreeParts()
  const { icon: Icon, tone } = TASK_STATUS[task.status]
  const finished = isFinished(task)
  if (!mayWrite) return <Icon size={16} className={`task-mark on-${tone}`} aria-hidden />
  return (
    <button
      type="button"
      className={`task-mark on-${tone}`}
      tabIndex={-1}
      aria-label={finished ? t`Riapri ${task.title}` : t`Completa ${task.title}`}
      title={finished ? t`Riapri` : t`Completa`}
      onClick={() => change(task, { is: finished ? 'reopen' : 'complete' })}
    >
      <Icon size={16} aria-hidden />
    </button>
  )
}

export function shownOf(row: TreeRow): Shown {
  if (row.kind === 'task') return TASK_STATUS[row.status]
  return row.kind === 'milestone' ? MILESTONE_STATUS[row.status] : TICKET_STATUS[row.status]
}

export function State({ line }: { line: Line }) {
  const row = useLine(line)
  return row && !line.isNote ? <Chip shown={shownOf(row)} /> : null
}

export function Share({ line }: { line: Line }) {
  const { t } = useLingui()
  const { sums } = useTreeParts()
  const row = useLine(line)
  if (!row || line.isNote || row.kind === 'task') return null
  const { done, total } = sums.get(row.id) ?? { done: 0, total: 0 }
  const value = total ? done / total : null
  return <Progress value={value} done={value === 1} text={`${done}/${total}`} label={t`Avanzamento di ${row.title}`} />
}

export function Due({ line }: { line: Line }) {
  const row = useLine(line)
  return row && !line.isNote ? <DueDay dueOn={row.dueOn} light={row.sla} /> : null
}

export function Assignee({ line }: { line: Line }) {
  const { store } = useTreeParts()
  const row = useLine(line)
  if (!row || line.isNote) return null
  if (row.kind === 'milestone') {
    const ticket = store.get(row.ticketId)
    return ticket?.kind === 'ticket' ? <Person name={ticket.owner.name} /> : null
  }
  return <Person name={row.kind === 'task' ? row.assignee.name : row.owner.name} />
}

/** The number of the CRM's record: of the opportunity, or of the activity. */
export function CrmNumber({ line }: { line: Line }) {
  const row = useLine(line)
  if (!row || line.isNote || row.kind === 'task') return null
  const id = row.kind === 'ticket' ? row.opportunityCrmId : row.activityCrmId
  return id && <CrmLink id={id} url={row.crmUrl} inRow />
}
