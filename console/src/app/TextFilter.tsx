import { useLingui } from '@lingui/react/macro'
import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Kbd } from '../ui/parts'
import { useKeys } from './keys'

const MOMENT = 250

/** Words that the list is searched for, a moment after they were typed. `/` leads here, Esc and Enter back to the list. */
export function TextFilter({
  text,
  onChange,
  autoFocus = false,
}: {
  text: string
  onChange: (text: string) => void
  autoFocus?: boolean
}) {
  const { t } = useLingui()
  const field = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(text)
  const sent = useRef(text)

  useKeys([{ keys: '/', label: t`Cerca nella lista`, group: 'list', run: () => field.current?.select() }])

  // Another address, such as a view's, has other words.
  useEffect(() => {
    if (text !== sent.current) setTyped(text)
    sent.current = text
  }, [text])

  useEffect(() => {
    if (typed.trim() === sent.current) return
    const timer = setTimeout(() => {
      sent.current = typed.trim()
      onChange(typed.trim())
    }, MOMENT)
    return () => clearTimeout(timer)
  }, [typed, onChange])

  return (
    <span className="text-filter">
      <Search size={14} aria-hidden />
      <input
        ref={field}
        aria-label={t`Cerca nella lista`}
        placeholder={t`Azienda, codice…`}
        maxLength={100}
        // biome-ignore lint/a11y/noAutofocus: only where somebody asked for the field.
        autoFocus={autoFocus}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' && event.key !== 'Enter') return
          document.querySelector<HTMLElement>('[role="grid"] [role="row"][tabindex="0"]')?.focus()
        }}
      />
      <Kbd>/</Kbd>
    </span>
  )
}

/** Who types keeps the focus while the list follows. */
export function isTyping(): boolean {
  return document.activeElement instanceof HTMLInputElement
}
