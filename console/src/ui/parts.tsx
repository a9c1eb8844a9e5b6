import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { daysBetween, initials, percent, shortDay, shortName, today } from '../words/figures'
import { LIGHT, type Light, type Shown } from '../words/status'

/** A state: icon, word and colour. */
export function Chip({ shown }: { shown: Shown }) {
  const { _ } = useLingui()
  const Icon = shown.icon
  return (
    <span className={`chip tone-${shown.tone}`}>
      <Icon size={14} aria-hidden />
      {_(shown.word)}
    </span>
  )
}

/** A light: a shape for each colour, so that it reads without it. */
export function LightMark({ light }: { light: Light }) {
  const { _ } = useLingui()
  return (
    <svg className={`light ${light.toLowerCase()}`} viewBox="0 0 12 12" role="img" aria-label={_(LIGHT[light])}>
      {light === 'GREEN' && <circle cx="6" cy="6" r="3" />}
      {light === 'YELLOW' && (
        <>
          <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <path d="M6 1.8a4.2 4.2 0 0 1 0 8.4z" />
        </>
      )}
      {light === 'ORANGE' && <path d="M6 1 11.4 10.6H.6z" />}
      {light === 'RED' && <path d="M3.7.8h4.6L11.2 3.7v4.6L8.3 11.2H3.7L.8 8.3V3.7z" />}
    </svg>
  )
}

/** When something is due, its light, and by how many days it is late. */
export function DueDay({ dueOn, light }: { dueOn: string; light: Light | null }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const late = daysBetween(dueOn, today())
  const isLate = (light === 'ORANGE' || light === 'RED') && late > 0
  const day = light && late === 0 ? t`oggi` : shortDay(dueOn, i18n.locale)
  return (
    <span className={`due ${light?.toLowerCase() ?? 'none'}`}>
      {light && <LightMark light={light} />}
      <time dateTime={dueOn}>
        {day}
        {isLate && ` · ${t`${late} g`}`}
      </time>
    </span>
  )
}

export function Avatar({ name }: { name: string }) {
  let hash = 0
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 6
  return (
    <span className={`avatar tint-${hash}`} aria-hidden>
      {initials(name)}
    </span>
  )
}

export function Person({ name }: { name: string }) {
  return (
    <span className="person" title={name}>
      <Avatar name={name} />
      <span>{shortName(name)}</span>
    </span>
  )
}

/** How far something has come, from 0 to 1. */
export function Progress({
  value,
  label,
  text,
  done,
}: {
  value: number | null
  label: string
  text?: string
  done?: boolean
}) {
  const { i18n } = useLingui()
  if (value === null) return <span className="quiet">–</span>
  return (
    <span className="progress">
      <span
        className={done ? 'bar done' : 'bar'}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(value * 100)}
      >
        <span style={{ width: `${value * 100}%` }} />
      </span>
      <span>{text ?? percent(value, i18n.locale)}</span>
    </span>
  )
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd>{children}</kbd>
}

/** A notice in the place of what could not be shown; `alone` where nothing else is the page's heading. */
export function Notice({
  title,
  children,
  action,
  alone = false,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
  alone?: boolean
}) {
  const Heading = alone ? 'h1' : 'h2'
  return (
    <div className="notice">
      <Heading>{title}</Heading>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}

/** Grey rows of the right height. They show up only after 150 ms, so that a quick answer does not flicker. */
export function WaitingRows({ count, height, label }: { count: number; height: number; label: string }) {
  return (
    <div className="waiting" role="status" aria-label={label}>
      {Array.from({ length: count }, (_, at) => (
        <div key={at} style={{ height }}>
          <span style={{ width: `${30 + ((at * 17) % 40)}%` }} />
        </div>
      ))}
    </div>
  )
}
