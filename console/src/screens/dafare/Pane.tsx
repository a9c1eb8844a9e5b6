import { useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { ArrowLeft, Network } from 'lucide-react'
import { lazy, type ReactNode, Suspense } from 'react'
import { useNarrow } from '../../app/narrow'
import { Chip, DueDay, Person } from '../../ui/parts'
import { TASK_STATUS } from '../../words/status'
import { TaskDetailsOf } from '../tree/Details'
import type { TaskRow } from '../tree/rows'
import { TaskButtons } from '../tree/TaskButtons'
import type { ListedTask } from './documents'
import type { Line } from './lines'

const IntakePane = lazy(() => import('./IntakePane').then(({ IntakePane }) => ({ default: IntakePane })))
const RunPanel = lazy(() => import('../action/RunPanel').then(({ RunPanel }) => ({ default: RunPanel })))

/** The current line, in full, beside the list. */
export function Pane({
  line,
  task,
  listed,
  onAsk,
  onChanged,
  onLeave,
}: {
  line: Line
  task: TaskRow | undefined
  listed: ListedTask | undefined
  onAsk: (what: 'assign' | 'date') => void
  onChanged: () => void
  onLeave: () => void
}) {
  const { t } = useLingui()
  return (
    <aside
      className="todo-pane"
      aria-label={t`Dettagli`}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onLeave()
      }}
    >
      <Suspense>
        {line.is === 'item' && (
          <IntakePane
            key={line.key}
            listed={line.item}
            settled={line.settled}
            onChanged={onChanged}
            back={<Back onLeave={onLeave} />}
          />
        )}
        {line.is === 'action' && (
          <RunPanel key={line.key} id={line.action.id} where="list" onEnd={onChanged} onClose={onLeave} />
        )}
      </Suspense>
      {task && listed && <TaskPane task={task} listed={listed} onAsk={onAsk} back={<Back onLeave={onLeave} />} />}
    </aside>
  )
}

/** On a phone the pane takes the place of the list. */
function Back({ onLeave }: { onLeave: () => void }) {
  const { t } = useLingui()
  if (!useNarrow()) return null
  return (
    <button type="button" className="icon-button" aria-label={t`Torna alla lista`} onClick={onLeave}>
      <ArrowLeft size={18} aria-hidden />
    </button>
  )
}

function TaskPane({
  task,
  listed,
  onAsk,
  back,
}: {
  task: TaskRow
  listed: ListedTask
  onAsk: (what: 'assign' | 'date') => void
  back: ReactNode
}) {
  const { t } = useLingui()
  const { ticket } = listed
  return (
    <>
      <section>
        <p className="pane-top">
          {back}
          <Chip shown={TASK_STATUS[task.status]} />
          <Link to="/ticket/$code" params={{ code: ticket.code }} search={{ row: task.id }} className="end">
            <Network size={14} aria-hidden /> {t`Apri nell’albero`}
          </Link>
        </p>
        <h2>{task.title}</h2>
        <p className="quiet">
          {ticket.code} · {ticket.company.name}
        </p>
        <dl className="facts-list">
          <dt>{t`Scadenza`}</dt>
          <dd>
            <DueDay dueOn={task.dueOn} light={task.sla} />
          </dd>
          <dt>{t`Assegnato a`}</dt>
          <dd>
            <Person name={task.assignee.name} />
          </dd>
        </dl>
        <TaskButtons task={task} onAsk={onAsk} />
      </section>
      <TaskDetailsOf key={task.id} task={task} />
    </>
  )
}
