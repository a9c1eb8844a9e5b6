import './task.css'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Kbd } from '../../ui/parts'
import { isFinished, type TaskRow } from './rows'
import { useTreeParts } from './treeContext'

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
