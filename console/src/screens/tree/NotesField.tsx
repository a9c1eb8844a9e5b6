import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { type KeyboardEvent, useState } from 'react'
import { useMayWrite } from '../../app/viewer'
import { Kbd } from '../../ui/parts'
import { useFocusBack } from '../../ui/useFocusBack'
import { problemWords } from '../../words/problems'
import type { ReadAnswer } from './taskMutations'
import type { WriteEnd } from './writes'

const MOST = 10_000

type Draft = { text: string; base: string; version: number }

/** The draft of the notes of each row, while it is not saved. */
const drafts = new Map<string, Draft>()

/**
 * The notes of a task or a ticket. A draft stays in its field whatever happens: what somebody else wrote meanwhile stands
 * beside it.
 */
export function NotesField({
  id,
  notes,
  version,
  save,
}: {
  id: string
  notes: string
  version: number
  save: (notes: string, version: number) => Promise<WriteEnd<ReadAnswer>>
}) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const mayWrite = useMayWrite()
  const [draft, setDraft] = useState<Draft | null>(() => drafts.get(id) ?? null)
  /** What was sent shows until the notes are read again. */
  const [sent, setSent] = useState<{ text: string; over: string } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [theirs, setTheirs] = useState<{ by: string | null; text: string } | null>(null)
  const edit = useFocusBack<HTMLButtonElement>(draft !== null)
  const shown = sent && sent.over === notes ? sent.text : notes

  function keep(next: Draft | null) {
    setDraft(next)
    if (next) drafts.set(id, next)
    else drafts.delete(id)
  }

  function leave() {
    keep(null)
    setProblem(null)
    setTheirs(null)
  }

  async function send(wanted: Draft) {
    leave()
    setSent({ text: wanted.text, over: notes })
    const end = await save(wanted.text, wanted.version)
    if (end.is === 'done') return
    if (end.is === 'conflict') {
      const now = end.current && 'notes' in end.current ? (end.current.notes ?? '') : ''
      if (now === wanted.text) return
      // Something else of the row changed: the notes are as they were when the draft began.
      if (now === wanted.base) return void send({ ...wanted, version: end.version })
      keep({ ...wanted, base: now, version: end.version })
      setTheirs({ by: end.by, text: now })
    } else {
      keep(wanted)
      setProblem(end.is === 'refused' ? _(problemWords(end.code)) : t`Non salvato: l’hub non ha risposto.`)
    }
    setSent(null)
  }

  if (!draft) {
    return (
      <div className="notes">
        <h3>{t`Note`}</h3>
        {shown ? <p>{shown}</p> : <p className="quiet">{t`Nessuna nota.`}</p>}
        {mayWrite && (
          <button ref={edit} type="button" className="link" onClick={() => keep({ text: shown, base: shown, version })}>
            {shown ? t`Modifica le note` : t`Scrivi una nota`}
          </button>
        )}
      </div>
    )
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && draft) void send(draft)
    else if (event.key === 'Escape') leave()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <form
      className="notes"
      onSubmit={(event) => {
        event.preventDefault()
        void send(draft)
      }}
    >
      <h3>{t`Note`}</h3>
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed.
        autoFocus
        aria-label={t`Note`}
        rows={Math.min(12, Math.max(3, draft.text.split('\n').length))}
        maxLength={MOST}
        value={draft.text}
        onChange={(event) => keep({ ...draft, text: event.target.value })}
        onKeyDown={onKeyDown}
      />
      {problem && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
      {theirs && (
        <div className="theirs" role="alert">
          <p>{theirs.by ? t`Intanto ${theirs.by} ha scritto:` : t`Intanto qui c’è scritto:`}</p>
          <blockquote>{theirs.text || t`(niente)`}</blockquote>
        </div>
      )}
      <div className="buttons">
        <button type="submit" className="button primary">
          {theirs ? t`Salva la mia` : t`Salva`} <Kbd>{t`Ctrl Invio`}</Kbd>
        </button>
        <button type="button" className="button" onClick={leave}>
          {theirs ? t`Tieni l’altra` : t`Lascia com’è`}
        </button>
      </div>
    </form>
  )
}
