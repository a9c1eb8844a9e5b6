import './task.css'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Square, SquareCheck } from 'lucide-react'
import { useEffect, useState } from 'react'
import { read } from '../../api/client'
import type { ResultOf } from '../../api/graphql'
import { Kbd } from '../../ui/parts'
import { longDay } from '../../words/figures'
import { TaskPanelQuery } from './documents'
import { isFinished, type TaskRow } from './rows'
import { useTreeParts } from './treeContext'

type TaskDetails = Extract<NonNullable<ResultOf<typeof TaskPanelQuery>['node']>, { checklist: unknown }>

/** What can be done with a task, for those who may. */
export function TaskButtons({ task, onAsk }: { task: TaskRow; onAsk: (what: 'assign' | 'date') => void }) {
  const { t } = useMacro()
  const { mayWrite, change } = useTreeParts()
  if (!mayWrite) return null
  if (isFinished(task)) {
    return (
      <div className="buttons">
        <button type="button" className="button" onClick={() => change(task, { is: 'reopen' })}>
          {t`Riapri`} <Kbd>R</Kbd>
        </button>
      </div>
    )
  }
  return (
    <>
      <div className="buttons">
        <button type="button" className="button primary" onClick={() => change(task, { is: 'complete' })}>
          {t`Completa`} <Kbd>X</Kbd>
        </button>
        {task.status === 'TODO' && (
          <button type="button" className="button" onClick={() => change(task, { is: 'start' })}>
            {t`Inizia`} <Kbd>I</Kbd>
          </button>
        )}
        <button
          type="button"
          className="button"
          aria-disabled={task.mandatory}
          aria-describedby={task.mandatory ? 'why-no-skip' : undefined}
          onClick={() => !task.mandatory && change(task, { is: 'skip' })}
        >
          {t`Salta`} <Kbd>S</Kbd>
        </button>
        <button type="button" className="button" onClick={() => onAsk('assign')}>
          {t`Assegna`} <Kbd>A</Kbd>
        </button>
        <button type="button" className="button" onClick={() => onAsk('date')}>
          {t`Scadenza`} <Kbd>D</Kbd>
        </button>
      </div>
      {task.mandatory && (
        <p id="why-no-skip" className="quiet small">
          {t`Il task è obbligatorio: non si può saltare.`}
        </p>
      )}
    </>
  )
}

/** What a task's row does not show: its role, hours, checklist and notes. */
export function TaskDetailsOf({ task }: { task: TaskRow }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const [details, setDetails] = useState<TaskDetails | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version of the row has other details.
  useEffect(() => {
    // Whoever runs past many rows asks for none of them.
    const timer = setTimeout(() => {
      read(TaskPanelQuery, { id: task.id }).then(
        ({ node }) => node && 'checklist' in node && setDetails(node),
        () => undefined,
      )
    }, 150)
    return () => clearTimeout(timer)
  }, [task.id, task.version])

  if (!details) return null
  const reason = details.skippedReason ?? details.waivedReason ?? details.reopenedReason
  return (
    <section>
      <dl className="facts-list">
        <dt>{t`Ruolo`}</dt>
        <dd>{details.workflowRole}</dd>
        <dt>{t`Comincia`}</dt>
        <dd>{longDay(details.startsOn, i18n.locale)}</dd>
        {details.originalDueOn !== task.dueOn && (
          <>
            <dt>{t`In origine`}</dt>
            <dd>{longDay(details.originalDueOn, i18n.locale)}</dd>
          </>
        )}
        <dt>{t`Ore stimate`}</dt>
        <dd>{Number(details.estimatedHours).toLocaleString(i18n.locale)}</dd>
        {reason && (
          <>
            <dt>{t`Motivo`}</dt>
            <dd>{reason}</dd>
          </>
        )}
      </dl>
      {details.checklist.length > 0 && (
        <ul className="checklist" aria-label={t`Lista di controllo`}>
          {details.checklist.map((entry) => (
            <li key={entry.text}>
              {entry.done ? <SquareCheck size={15} aria-hidden /> : <Square size={15} aria-hidden />}
              <span>{entry.text}</span>
            </li>
          ))}
        </ul>
      )}
      {details.notes && <p className="notes">{details.notes}</p>}
    </section>
  )
}
