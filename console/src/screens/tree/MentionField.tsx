import { useLingui } from '@lingui/react/macro'
import { type KeyboardEvent, type Ref, useId, useRef, useState } from 'react'
import { useQuery } from 'urql'
import { Avatar } from '../../ui/parts'
import { OperatorsQuery } from './documents'
import { begunMention } from './mentions'
import type { Person } from './rows'

const MOST = 10_000

/** The people who can be mentioned, read when somebody begins to write. */
export function usePeople(isWriting: boolean): readonly Person[] {
  const [{ data }] = useQuery({ query: OperatorsQuery, pause: !isWriting })
  return data?.operators.nodes ?? []
}

/** A text in which `@` mentions a person. Enter sends it, Shift and Enter begins a line, Esc leaves it. */
export function MentionField({
  label,
  placeholder,
  value,
  people,
  autoFocus = false,
  onChange,
  onSend,
  onLeave,
  onFocus,
  ref,
}: {
  label: string
  placeholder?: string
  value: string
  people: readonly Person[]
  autoFocus?: boolean
  onChange: (value: string) => void
  onSend: () => void
  onLeave: () => void
  onFocus?: () => void
  ref?: Ref<HTMLTextAreaElement>
}) {
  const { t } = useLingui()
  const list = useId()
  const own = useRef<HTMLTextAreaElement | null>(null)
  const [caret, setCaret] = useState(0)
  const [at, setAt] = useState(0)
  const [closed, setClosed] = useState<number | null>(null)
  const found = begunMention(value, caret, people)
  const begun = found && found.from !== closed ? found : null
  const chosen = begun?.people[Math.min(at, begun.people.length - 1)]

  // The field itself takes the name, caret included: what is typed next must not overtake it.
  function insert(person: Person) {
    if (!begun || !own.current) return
    own.current.setRangeText(`@${person.name} `, begun.from, caret, 'end')
    own.current.dispatchEvent(new Event('input', { bubbles: true }))
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return
    if (begun && chosen) {
      const count = begun.people.length
      const move = new Map([
        ['ArrowDown', () => setAt((at + 1) % count)],
        ['ArrowUp', () => setAt((at + count - 1) % count)],
        ['Enter', () => insert(chosen)],
        ['Tab', () => insert(chosen)],
        ['Escape', () => setClosed(begun.from)],
      ]).get(event.key)
      if (!move) return
      event.preventDefault()
      event.stopPropagation()
      move()
      return
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      onSend()
    } else if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      onLeave()
    }
  }

  return (
    <div className="mention-field">
      {begun && (
        <div id={list} role="listbox" aria-label={t`Persone`} className="mention-list">
          {begun.people.map((person) => (
            <div
              key={person.id}
              id={`${list}-${person.id}`}
              role="option"
              aria-selected={person === chosen}
              onPointerDown={(event) => {
                event.preventDefault()
                insert(person)
              }}
            >
              <Avatar name={person.name} /> {person.name}
            </div>
          ))}
        </div>
      )}
      <textarea
        ref={(element) => {
          own.current = element
          if (typeof ref === 'function') ref(element)
          else if (ref) ref.current = element
        }}
        aria-label={label}
        aria-autocomplete="list"
        aria-controls={begun ? list : undefined}
        aria-activedescendant={begun && chosen ? `${list}-${chosen.id}` : undefined}
        placeholder={placeholder}
        // biome-ignore lint/a11y/noAutofocus: it takes the place of what was pressed.
        autoFocus={autoFocus}
        rows={Math.min(8, value.split('\n').length)}
        maxLength={MOST}
        value={value}
        onFocus={onFocus}
        onChange={(event) => {
          onChange(event.target.value)
          setCaret(event.target.selectionStart)
          setAt(0)
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
      />
    </div>
  )
}
