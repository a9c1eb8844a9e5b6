import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useState } from 'react'
import { useMayWrite, useViewer } from '../../app/viewer'
import { Avatar } from '../../ui/parts'
import { useFocusBack } from '../../ui/useFocusBack'
import { timeOrDay } from '../../words/figures'
import { problemWords } from '../../words/problems'
import { MentionField, usePeople } from './MentionField'
import { partsOf, withIds, withNames } from './mentions'
import type { Comment } from './panelDocuments'
import { DeleteComment, EditComment } from './panelMutations'
import { useTreeParts } from './treeContext'
import { writeTree } from './writes'

/** What people said about a row, oldest first. One's own can be reworded and removed. */
export function Comments({ comments, onReply }: { comments: readonly Comment[]; onReply: (comment: Comment) => void }) {
  const { t } = useMacro()
  if (!comments.length) return <p className="quiet empty">{t`Nessun commento.`}</p>
  return (
    <ol className="comments">
      {comments.map((comment) => (
        <CommentLine key={comment.id} comment={comment} onReply={() => onReply(comment)} />
      ))}
    </ol>
  )
}

function CommentLine({ comment, onReply }: { comment: Comment; onReply: () => void }) {
  const { _, i18n } = useLingui()
  const { t } = useMacro()
  const { store } = useTreeParts()
  const mayWrite = useMayWrite()
  const isMine = useViewer().operator?.id === comment.author.id
  const [doing, setDoing] = useState<'editing' | 'removing' | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const { author, mentions, replyTo, deletedAt } = comment
  const line = useFocusBack<HTMLLIElement>(doing !== null)

  async function remove() {
    const end = await writeTree(store, DeleteComment, { id: comment.id })
    if (end.is === 'done') setDoing(null)
    else setProblem(end.is === 'refused' ? _(problemWords(end.code)) : t`Non salvato: l’hub non ha risposto.`)
  }

  return (
    <li ref={line} tabIndex={-1} className={replyTo ? 'reply' : undefined}>
      <Avatar name={author.name} />
      <div>
        <p className="said-by">
          <b>{author.name}</b> {replyTo && <span className="quiet">{t`risponde a ${replyTo.author.name}`}</span>}
          <time dateTime={comment.createdAt} className="quiet">
            {timeOrDay(comment.createdAt, i18n.locale)}
            {comment.editedAt && !deletedAt && ` · ${t`modificato`}`}
          </time>
        </p>
        {deletedAt && <p className="quiet said">{t`Il commento è stato tolto.`}</p>}
        {!deletedAt && doing === 'editing' && <EditForm comment={comment} onEnd={() => setDoing(null)} />}
        {!deletedAt && doing !== 'editing' && (
          <p className="said">
            {partsOf(comment.body, mentions).map(({ text, isMention }, at) =>
              isMention ? (
                <span key={at} className="mention">
                  {text}
                </span>
              ) : (
                text
              ),
            )}
          </p>
        )}
        {mayWrite && !deletedAt && !doing && (
          <p className="said-more">
            <button type="button" className="link" onClick={onReply}>
              {t`Rispondi`}
            </button>
            {isMine && (
              <>
                <button type="button" className="link" onClick={() => setDoing('editing')}>
                  {t`Modifica`}
                </button>
                <button type="button" className="link" onClick={() => setDoing('removing')}>
                  {t`Togli`}
                </button>
              </>
            )}
          </p>
        )}
        {!deletedAt && doing === 'removing' && (
          <p className="said-more" role="group" aria-label={t`Togliere il commento?`}>
            <span>{t`Togliere il commento?`}</span>
            <button type="button" className="link danger" onClick={() => void remove()}>
              {t`Togli`}
            </button>
            {/* biome-ignore lint/a11y/noAutofocus: the question takes the place of the button that asked it. */}
            <button type="button" className="link" autoFocus onClick={() => setDoing(null)}>
              {t`Lascia com’è`}
            </button>
          </p>
        )}
        {problem && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
      </div>
    </li>
  )
}

/** Rewords a comment. What was written meanwhile in another window stands beside the draft. */
function EditForm({ comment, onEnd }: { comment: Comment; onEnd: () => void }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { store } = useTreeParts()
  const people = [...comment.mentions, ...usePeople(true)]
  const [draft, setDraft] = useState(() => withNames(comment.body, comment.mentions))
  const [version, setVersion] = useState(comment.version)
  const [problem, setProblem] = useState<string | null>(null)

  async function save() {
    if (!draft.trim()) return
    const end = await writeTree(store, EditComment, { id: comment.id, body: withIds(draft, people), version })
    if (end.is === 'done') onEnd()
    else if (end.is === 'lost') setProblem(t`Non salvato: l’hub non ha risposto.`)
    else if (end.is === 'refused') setProblem(_(problemWords(end.code)))
    else {
      const now = end.current?.__typename === 'Comment' ? withNames(end.current.body, people) : ''
      setVersion(end.version)
      setProblem(t`Intanto qui c’è scritto: «${now}». Salva di nuovo per scriverci sopra.`)
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <MentionField
        label={t`Commento`}
        value={draft}
        people={people}
        autoFocus
        onChange={setDraft}
        onSend={() => void save()}
        onLeave={onEnd}
      />
      {problem && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
      <p className="said-more">
        <button type="submit" className="link" disabled={!draft.trim()}>
          {t`Salva`}
        </button>
        <button type="button" className="link" onClick={onEnd}>
          {t`Lascia com’è`}
        </button>
      </p>
    </form>
  )
}
