import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { SendHorizontal, X } from 'lucide-react'
import { type Ref, useState } from 'react'
import { Kbd } from '../../ui/parts'
import { problemWords } from '../../words/problems'
import { MentionField, usePeople } from './MentionField'
import { withIds } from './mentions'
import type { Comment } from './panelDocuments'
import { AddComment } from './panelMutations'
import { useTreeParts } from './treeContext'
import { newRequestKey, writeTree } from './writes'

type Draft = { text: string; key: string }

/** What is being written about each row stays until it is sent, also when another row is shown meanwhile. */
const drafts = new Map<string, Draft>()

/** Writes a comment on a row, or a reply to one. */
export function Composer({
  subjectId,
  replyTo,
  onReplied,
  onSent,
  onLeave,
  ref,
}: {
  subjectId: string
  replyTo: Comment | null
  onReplied: () => void
  onSent: () => void
  onLeave: () => void
  ref: Ref<HTMLTextAreaElement>
}) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { store } = useTreeParts()
  const [draft, setDraft] = useState<Draft>(() => drafts.get(subjectId) ?? { text: '', key: newRequestKey() })
  const [isWriting, setWriting] = useState(false)
  const [isSending, setSending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const people = usePeople(isWriting)

  function keep(next: Draft) {
    setDraft(next)
    if (next.text) drafts.set(subjectId, next)
    else drafts.delete(subjectId)
  }

  async function send() {
    if (!draft.text.trim() || isSending) return
    setSending(true)
    const body = withIds(draft.text.trim(), people)
    const replyToId = replyTo?.id ?? null
    const end = await writeTree(store, AddComment, { subjectId, body, replyToId, key: draft.key })
    setSending(false)
    if (end.is === 'done') {
      keep({ text: '', key: newRequestKey() })
      setProblem(null)
      onSent()
    } else if (end.is === 'refused') setProblem(_(problemWords(end.code)))
    else setProblem(t`Non salvato: l’hub non ha risposto. Invio riprova.`)
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {replyTo && (
        <p className="quiet">
          {t`Risposta a ${replyTo.author.name}`}
          <button type="button" className="icon-button" aria-label={t`Non è una risposta`} onClick={onReplied}>
            <X size={14} aria-hidden />
          </button>
        </p>
      )}
      {problem && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="composer-line">
        <MentionField
          ref={ref}
          label={t`Scrivi un commento`}
          placeholder={t`Scrivi un commento`}
          value={draft.text}
          people={people}
          // Another text is another request.
          onChange={(text) => keep({ text, key: problem ? newRequestKey() : draft.key })}
          onSend={() => void send()}
          onLeave={onLeave}
          onFocus={() => setWriting(true)}
        />
        {draft.text.trim() ? (
          <button type="submit" className="icon-button" aria-label={t`Invia il commento`} disabled={isSending}>
            <SendHorizontal size={16} aria-hidden />
          </button>
        ) : (
          <Kbd>C</Kbd>
        )}
      </div>
    </form>
  )
}
