import './action.css'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { X } from 'lucide-react'
import { type ReactNode, type Ref, useEffect, useRef } from 'react'
import { CrmLink } from '../../ui/CrmLink'
import type { Shown } from '../../words/status'
import type { ButtonLook } from './buttons'

/** The panel beside the tree. It takes the focus when it opens, except beside a list; Esc closes it, and closing stops nothing. */
export function PanelFrame({
  look,
  chip,
  meta,
  takesFocus = true,
  onClose,
  onKey,
  children,
  footer,
}: {
  look: Omit<ButtonLook, 'key'>
  chip: ReactNode
  meta?: ReactNode
  takesFocus?: boolean
  onClose: () => void
  onKey?: (key: string) => boolean
  children: ReactNode
  footer: ReactNode
}) {
  const { t } = useMacro()
  const panel = useRef<HTMLElement>(null)
  const { icon: Icon } = look

  useEffect(() => {
    if (takesFocus) panel.current?.focus()
  }, [takesFocus])

  function onKeyDown(event: React.KeyboardEvent) {
    const typing = (event.target as Element).matches('input, textarea')
    if (event.key === 'Escape') onClose()
    else if (typing || event.ctrlKey || event.metaKey || event.altKey || !onKey?.(event.key.toLowerCase())) return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <aside
      className={`action-panel ${look.colour}`}
      aria-label={look.name}
      tabIndex={-1}
      ref={panel as Ref<HTMLElement>}
      onKeyDown={onKeyDown}
    >
      <header>
        <div className="action-top">
          {chip}
          <span className="end">{meta}</span>
          <button type="button" className="icon-button" aria-label={t`Chiudi il pannello`} onClick={onClose}>
            <X size={16} aria-hidden />
          </button>
        </div>
        <h2>
          <Icon size={18} aria-hidden /> {look.name}
        </h2>
      </header>
      <div className="action-body">{children}</div>
      <footer>{footer}</footer>
    </aside>
  )
}

/** One record of the CRM: what happens to it, and its number there. */
export function ItemLine({
  shown,
  name,
  what,
  amount,
  crmId,
  crmUrl,
  children,
}: {
  shown: Shown
  name: string
  what: ReactNode
  amount?: ReactNode
  crmId?: string | null
  crmUrl?: string | null
  children?: ReactNode
}) {
  const Icon = shown.icon
  return (
    <li>
      <span className={`item-mark tone-${shown.tone}`} aria-hidden>
        <Icon size={15} />
      </span>
      <div className="item-text">
        <strong title={name}>{name}</strong>
        <span className="quiet">{what}</span>
      </div>
      <div className="item-end">
        {amount}
        {crmId && <CrmLink id={crmId} url={crmUrl} />}
      </div>
      {children && <div className="item-more">{children}</div>}
    </li>
  )
}

/** How many records have each outcome, in the order of the tables. */
export function Totals<Outcome extends string>({
  outcomes,
  shown,
  words,
}: {
  outcomes: readonly Outcome[]
  shown: Record<Outcome, Shown>
  words: Record<Outcome, (count: number) => string>
}) {
  useLingui()
  const count = (key: Outcome) => outcomes.filter((outcome) => outcome === key).length
  return (
    <p className="totals">
      {(Object.keys(shown) as Outcome[])
        .filter((key) => count(key) > 0)
        .map((key) => (
          <span key={key} className={`total-${shown[key].tone}`}>
            <b>{count(key)}</b> {words[key](count(key))}
          </span>
        ))}
    </p>
  )
}
