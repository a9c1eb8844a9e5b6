import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { ExternalLink, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { say } from '../../app/toast'
import { useMayWrite } from '../../app/viewer'
import { useFocusBack } from '../../ui/useFocusBack'
import { LINK_KIND, type LinkKind } from '../../words/links'
import { problemWords } from '../../words/problems'
import type { LinkRow } from './panelDocuments'
import { AddLink, RemoveLink } from './panelMutations'
import { useTreeParts } from './treeContext'
import { writeTree } from './writes'

const WEB = /^https?:\/\/\S+$/i

/** The documents of a row: addresses elsewhere, which nobody fetches. */
export function Links({ subjectId, links }: { subjectId: string; links: readonly LinkRow[] }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { store } = useTreeParts()
  const mayWrite = useMayWrite()
  const [adding, setAdding] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const add = useFocusBack<HTMLButtonElement>(adding)

  async function remove({ id, url, title, kind }: LinkRow) {
    setProblem(null)
    const end = await writeTree(store, RemoveLink, { id })
    if (end.is === 'done')
      say(t`Tolto: ${title}`, () => void writeTree(store, AddLink, { subjectId, url, title, kind }))
    else setProblem(end.is === 'refused' ? _(problemWords(end.code)) : t`Non salvato: l’hub non ha risposto.`)
  }

  return (
    <div className="links">
      <h3>{t`Documenti`}</h3>
      {links.length > 0 && (
        <ul>
          {links.map((link) => (
            <li key={link.id}>
              {WEB.test(link.url) ? (
                <a href={link.url} target="_blank" rel="noopener noreferrer" title={link.url}>
                  {link.title} <ExternalLink size={12} aria-hidden />
                </a>
              ) : (
                <span>{link.title}</span>
              )}
              <span className="quiet">{_(LINK_KIND[link.kind])}</span>
              {mayWrite && (
                <button
                  type="button"
                  className="icon-button"
                  aria-label={t`Togli ${link.title}`}
                  onClick={() => void remove(link)}
                >
                  <X size={14} aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {!links.length && !adding && <p className="quiet">{t`Nessun documento.`}</p>}
      {problem && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
      {mayWrite && !adding && (
        <button ref={add} type="button" className="link" onClick={() => setAdding(true)}>
          {t`Aggiungi un documento`}
        </button>
      )}
      {adding && <LinkForm subjectId={subjectId} onEnd={() => setAdding(false)} />}
    </div>
  )
}

function LinkForm({ subjectId, onEnd }: { subjectId: string; onEnd: () => void }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { store } = useTreeParts()
  const [url, setUrl] = useState('')
  const [title, setTitle] = useState('')
  const [kind, setKind] = useState<LinkKind>('OTHER')
  const [problem, setProblem] = useState<{ field: string | undefined; sentence: string } | null>(null)
  const badAddress = { field: 'url', sentence: t`Serve un indirizzo che comincia con http:// o https://.` }

  async function add(event: FormEvent) {
    event.preventDefault()
    if (!WEB.test(url.trim())) return setProblem(badAddress)
    const named = title.trim() || url.trim()
    const end = await writeTree(store, AddLink, { subjectId, url: url.trim(), title: named.slice(0, 200), kind })
    if (end.is === 'done') onEnd()
    else if (end.is !== 'refused') setProblem({ field: undefined, sentence: t`Non salvato: l’hub non ha risposto.` })
    else if (end.path[0] === 'url') setProblem(badAddress)
    else setProblem({ field: end.path[0], sentence: _(problemWords(end.code)) })
  }

  return (
    <form
      className="fields"
      onSubmit={(event) => void add(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onEnd()
      }}
    >
      <label>
        {t`Indirizzo`}
        <input
          // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed.
          autoFocus
          inputMode="url"
          placeholder="https://"
          maxLength={2_000}
          aria-invalid={problem?.field === 'url'}
          aria-describedby={problem ? 'link-problem' : undefined}
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
      </label>
      <label>
        {t`Titolo`}
        <input maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
      </label>
      <label>
        {t`Che cos’è`}
        <select value={kind} onChange={(event) => setKind(event.target.value as LinkKind)}>
          {Object.entries(LINK_KIND).map(([id, word]) => (
            <option key={id} value={id}>
              {_(word)}
            </option>
          ))}
        </select>
      </label>
      {problem && (
        <p id="link-problem" className="field-problem" role="alert">
          {problem.sentence}
        </p>
      )}
      <div className="buttons">
        <button type="submit" className="button primary">
          {t`Aggiungi`}
        </button>
        <button type="button" className="button" onClick={onEnd}>
          {t`Lascia com’è`}
        </button>
      </div>
    </form>
  )
}
