import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { type FormEvent, useRef, useState } from 'react'
import { Heading } from 'react-aria-components'
import { Modal } from '../../ui/Modal'
import { Kbd } from '../../ui/parts'
import { problemWords } from '../../words/problems'
import { usePeople } from './MentionField'
import { AddMilestone, AddTask } from './panelMutations'
import type { TreeRow } from './rows'
import { useTreeParts } from './treeContext'
import { newRequestKey, writeTree } from './writes'

/** Adds a task to a milestone, or a milestone with its first tasks to a ticket. */
export function AddWorkDialog({
  what,
  at,
  onAdded,
  onClose,
}: {
  what: 'task' | 'milestone'
  /** The row at which it was asked: a task is added after a task, or at the end of a milestone. */
  at: TreeRow
  /** Closes the dialog as well. */
  onAdded: (id: string) => void
  onClose: () => void
}) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { store } = useTreeParts()
  const key = useRef(newRequestKey()).current
  const people = usePeople(what === 'task')
  const [title, setTitle] = useState('')
  const [days, setDays] = useState(1)
  const [mandatory, setMandatory] = useState(true)
  const [assigneeId, setAssigneeId] = useState('')
  const [tasks, setTasks] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [isSending, setSending] = useState(false)

  async function add(event: FormEvent) {
    event.preventDefault()
    if (!title.trim() || isSending) return
    setSending(true)
    const end = await (what === 'task' ? addTask() : addMilestone())
    setSending(false)
    if (end.is === 'done') {
      const made = 'task' in end.answer ? end.answer.task : end.answer.milestone
      if (made) onAdded(made.id)
      else onClose()
    } else setProblem(end.is === 'refused' ? _(problemWords(end.code)) : t`Non salvato: l’hub non ha risposto.`)
  }

  function addTask() {
    const milestoneId = at.kind === 'task' ? at.milestoneId : at.id
    const input = { title: title.trim(), mandatory, slaDays: days, assigneeId: assigneeId || null }
    return writeTree(store, AddTask, { milestoneId, input, after: at.kind === 'task' ? at.id : null, key })
  }

  function addMilestone() {
    const titles = tasks.split('\n').filter((line) => line.trim())
    const input = { title: title.trim(), slaDays: days, tasks: titles.map((line) => ({ title: line.trim() })) }
    return writeTree(store, AddMilestone, { ticketId: ticketOf(at), input, key })
  }

  function ticketOf(row: TreeRow): string {
    if (row.kind === 'ticket') return row.id
    return row.kind === 'milestone' ? row.ticketId : ticketOf(store.get(row.milestoneId) ?? row)
  }

  return (
    <Modal onClose={onClose}>
      <form className="fields" onSubmit={(event) => void add(event)}>
        <Heading slot="title">{what === 'task' ? t`Aggiungi un task` : t`Aggiungi una milestone`}</Heading>
        <p className="quiet">
          {what === 'task' && at.kind === 'task' && t`Dopo ${at.title}`}
          {what === 'task' && at.kind === 'milestone' && t`Alla fine di ${at.title}`}
          {what === 'milestone' && t`Dopo le altre: aspetta l’ultima.`}
        </p>
        <label>
          {t`Titolo`}
          {/* biome-ignore lint/a11y/noAutofocus: a dialog begins with its first field. */}
          <input autoFocus required maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
        </label>
        <label>
          {t`Giorni lavorativi`}
          <input
            type="number"
            min={1}
            max={365}
            required
            value={days}
            onChange={(event) => setDays(event.target.valueAsNumber || 1)}
          />
        </label>
        {what === 'task' ? (
          <>
            <label>
              {t`Chi`}
              <select value={assigneeId} onChange={(event) => setAssigneeId(event.target.value)}>
                <option value="">{t`Secondo il ruolo`}</option>
                {people.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <label className="check">
              <input type="checkbox" checked={mandatory} onChange={(event) => setMandatory(event.target.checked)} />
              {t`Obbligatorio`}
            </label>
          </>
        ) : (
          <label>
            {t`I suoi task, uno per riga`}
            <textarea rows={4} maxLength={10_000} value={tasks} onChange={(event) => setTasks(event.target.value)} />
          </label>
        )}
        {problem && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="buttons">
          <button type="submit" className="button primary" disabled={!title.trim() || isSending}>
            {t`Aggiungi`} <Kbd>{t`Invio`}</Kbd>
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t`Lascia com’è`} <Kbd>Esc</Kbd>
          </button>
        </div>
      </form>
    </Modal>
  )
}
