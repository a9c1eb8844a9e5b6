import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import {
  Building2,
  CircleDashed,
  Inbox,
  Languages,
  LogOut,
  type LucideIcon,
  Search,
  SquareTerminal,
  SunMoon,
  Target,
  Ticket,
} from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { signOut, written } from '../api/session'
import { Modal } from '../ui/Modal'
import { Chip, Kbd } from '../ui/parts'
import { type Shown, TASK_STATUS, TICKET_STATUS } from '../words/status'
import { PLACES } from './navigation'
import { language, theme } from './preferences'
import { type Hit, type Recent, useFound } from './useFound'

type Entry = {
  id: string
  group: string
  icon: LucideIcon
  title: string
  more: string
  shown?: Shown
  run: () => void
}

/** Goes anywhere and does anything, by typing. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const { recent, hits: found, isSearching } = useFound(text.trim())
  const list = useRef<HTMLDivElement>(null)

  function entryOf(ticket: Recent): Entry {
    return {
      id: ticket.id,
      group: t`Ticket`,
      icon: Ticket,
      title: `${ticket.code}, ${ticket.company.name}`,
      more: ticket.title,
      shown: TICKET_STATUS[ticket.status],
      run: () => toTicket(ticket.code),
    }
  }

  function toTicket(code: string, row?: string) {
    void navigate({ to: '/ticket/$code', params: { code }, search: row ? { row } : {} })
  }

  function hitEntry({ title, subtitle: more, node }: Hit): Entry[] {
    const entry = { group: t`Trovati`, title, more }
    switch (node.__typename) {
      case 'Ticket':
        return [
          {
            ...entry,
            id: node.id,
            icon: Ticket,
            shown: TICKET_STATUS[node.ticketStatus],
            run: () => toTicket(node.code),
          },
        ]
      case 'Task':
        return [
          {
            ...entry,
            id: node.id,
            icon: CircleDashed,
            shown: TASK_STATUS[node.taskStatus],
            run: () => toTicket(node.ticket.code, node.id),
          },
        ]
      case 'Company':
        return [
          {
            ...entry,
            id: node.id,
            icon: Building2,
            run: () => void navigate({ to: '/ticket', search: { kind: 'ALL', text: node.name } }),
          },
        ]
      case 'Opportunity':
        return [{ ...entry, id: node.id, icon: Target, run: () => toTicket(node.ticket.code) }]
      case 'IntakeItem':
        return [
          {
            ...entry,
            id: node.id,
            icon: Inbox,
            run: () => void navigate({ to: '/da-fare', search: { view: 'inbox', item: node.id } }),
          },
        ]
      default:
        return []
    }
  }

  const commands: Entry[] = [
    ...PLACES.map((place) => ({
      id: place.path,
      group: t`Vai a`,
      icon: place.icon,
      title: _(place.word),
      more: '',
      run: () => void navigate({ to: place.path }),
    })),
    ...(written('graphiql') === 'true'
      ? [
          {
            id: 'graphiql',
            group: t`Vai a`,
            icon: SquareTerminal,
            title: 'GraphiQL',
            more: '',
            run: () => window.location.assign('/graphiql'),
          },
        ]
      : []),
    {
      id: 'theme',
      group: t`Comandi`,
      icon: SunMoon,
      title: theme.get() === 'dark' ? t`Tema chiaro` : t`Tema scuro`,
      more: '',
      run: () => theme.set(theme.get() === 'dark' ? 'light' : 'dark'),
    },
    {
      id: 'language',
      group: t`Comandi`,
      icon: Languages,
      title: language.get() === 'it' ? 'English' : 'Italiano',
      more: '',
      run: () => language.set(language.get() === 'it' ? 'en' : 'it'),
    },
    { id: 'sign-out', group: t`Comandi`, icon: LogOut, title: t`Esci`, more: '', run: signOut },
  ]

  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (entry: Entry) => words.every((word) => `${entry.title} ${entry.more}`.toLowerCase().includes(word))
  const hits = text.trim() ? found.flatMap(hitEntry) : recent.map(entryOf)
  const entries = [...commands.filter(fits), ...hits]
  const chosen = Math.min(at, entries.length - 1)

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  })

  function take(entry: Entry | undefined) {
    if (!entry) return
    onClose()
    entry.run()
  }

  function onKeyDown(event: React.KeyboardEvent) {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, entries.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0))
    else if (event.key === 'Enter') take(entries[chosen])
    else return
    event.preventDefault()
  }

  return (
    <Modal onClose={onClose} className="palette" label={t`Cerca o comanda`}>
      <div className="palette-field">
        <Search size={18} aria-hidden />
        <input
          // biome-ignore lint/a11y/noAutofocus: the palette is opened to type into it.
          autoFocus
          role="combobox"
          aria-label={t`Cerca o comanda`}
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={entries[chosen] ? `palette-${entries[chosen].id}` : undefined}
          placeholder={t`Cerca un ticket, un task, un’azienda, un comando…`}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
        <Kbd>Esc</Kbd>
      </div>
      <div className="palette-list" id="palette-list" role="listbox" aria-label={t`Risultati`} ref={list} tabIndex={-1}>
        {entries.map((entry, index) => (
          <div key={entry.id} role="presentation">
            {entry.group !== entries[index - 1]?.group && <div className="palette-group">{entry.group}</div>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys of the list. */}
            <div
              id={`palette-${entry.id}`}
              role="option"
              aria-selected={index === chosen}
              className="palette-entry"
              onClick={() => take(entry)}
              onPointerMove={() => setAt(index)}
            >
              <entry.icon size={16} aria-hidden />
              <span className="palette-title">{entry.title}</span>
              <span className="quiet">{entry.more}</span>
              {entry.shown && <Chip shown={entry.shown} />}
            </div>
          </div>
        ))}
        {!entries.length && !isSearching && <p className="quiet palette-none">{t`Niente con queste parole.`}</p>}
      </div>
      <div className="palette-foot">
        <span>
          <Kbd>↑</Kbd> <Kbd>↓</Kbd> {t`scegli`}
        </span>
        <span>
          <Kbd>↵</Kbd> {t`apri`}
        </span>
      </div>
    </Modal>
  )
}
