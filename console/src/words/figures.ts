/** Days and instants as an operator reads them. Days are ISO dates; today is the day of this browser's calendar. */

// Lingui keeps the formatters, which take far longer to make than to use.
import { formats } from '@lingui/core'

const DAY = 86_400_000

function dayOf(date: string): Date {
  return new Date(`${date}T12:00:00`)
}

export function today(): string {
  return localDay(new Date())
}

function localDay(at: Date): string {
  return [at.getFullYear(), String(at.getMonth() + 1).padStart(2, '0'), String(at.getDate()).padStart(2, '0')].join('-')
}

export function daysBetween(from: string, to: string): number {
  return Math.round((dayOf(to).getTime() - dayOf(from).getTime()) / DAY)
}

/** `2 dic`, with the year where it is not this one. */
export function shortDay(date: string, locale: string): string {
  const year = date.slice(0, 4) === today().slice(0, 4) ? undefined : 'numeric'
  return formats.date(locale, dayOf(date), { day: 'numeric', month: 'short', ...(year ? { year } : {}) })
}

export function longDay(date: string, locale: string): string {
  return formats.date(locale, dayOf(date), { day: 'numeric', month: 'long', year: 'numeric' })
}

export function clockTime(at: number | string, locale: string): string {
  return formats.date(locale, new Date(at), { hour: '2-digit', minute: '2-digit' })
}

export function money(amount: number, currency: string, locale: string): string {
  const whole = Number.isInteger(amount) ? { maximumFractionDigits: 0 } : {}
  // Italian leaves four digits ungrouped; a column of amounts reads better when all are alike.
  return formats.number(locale, amount, {
    style: 'currency',
    currency,
    useGrouping: 'always',
    ...whole,
  } as Intl.NumberFormatOptions)
}

const MOST_COUNTED = 10_000

/** Whether a list's length is known. The API counts up to 10,000; one more stands for any greater length. */
export function isCounted(length: number): boolean {
  return length <= MOST_COUNTED
}

/** `412`, or `10.000+` for a list that nobody counts to its end. */
export function lengthText(length: number, locale: string): string {
  const grouped = { useGrouping: 'always' } as Intl.NumberFormatOptions
  return isCounted(length) ? String(length) : `${formats.number(locale, MOST_COUNTED, grouped)}+`
}

/** `46 %`, in English `46%`: of part and whole, so that what is not whole is not said to be. */
export function percent(share: number, locale: string): string {
  // What binary fractions lose must not cost a percent.
  return percentText(Math.floor(share * 100 + 1e-9) / 100, 0, locale).join('')
}

/** A share as its number, what stands between, and the sign. Italian typography has a space, of which `Intl` knows nothing. */
export function percentText(share: number, decimals: number, locale: string): [string, string, string] {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
  const written = formats.number(locale, share, { style: 'percent', ...digits })
  return [written.replace(/\s*%/, ''), locale === 'it' ? '\u00a0' : '', '%']
}

/** `Giulia M.` */
export function shortName(name: string): string {
  const [first = '', ...rest] = name.split(' ')
  const last = rest.at(-1)
  return last ? `${first} ${last[0]}.` : first
}

export function initials(name: string): string {
  const words = name.split(' ').filter(Boolean)
  return ((words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase()
}

/** `venerdì 11 dicembre` */
export function weekday(date: string, locale: string): string {
  return formats.date(locale, dayOf(date), { weekday: 'long', day: 'numeric', month: 'long' })
}

/** `1 nov – 30 nov`: the first and the last day of a period, which ends before its day `to`. */
export function daysOf({ from, to }: { from: string; to: string }, locale: string): string {
  const last = localDay(new Date(dayOf(to).getTime() - DAY))
  return `${shortDay(from, locale)} – ${shortDay(last, locale)}`
}

/** The time of an instant of today, the day of an earlier one. */
export function timeOrDay(at: string, locale: string): string {
  const day = localDay(new Date(at))
  return day === today() ? clockTime(at, locale) : shortDay(day, locale)
}

/** `3/11`: as short as the axis of a chart needs it. */
export function chartDay(date: string, locale: string): string {
  return formats.date(locale, dayOf(date), { day: 'numeric', month: locale === 'it' ? 'numeric' : 'short' })
}
