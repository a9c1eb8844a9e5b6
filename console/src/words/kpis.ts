import type { I18n, MessageDescriptor } from '@lingui/core'
import { msg, plural } from '@lingui/core/macro'
import type { graphql } from '../api/graphql'
import { percentText } from './figures'

export type KpiKey = ReturnType<typeof graphql.scalar<'KpiKey'>>
export type KpiSubject = ReturnType<typeof graphql.scalar<'KpiSubject'>>
export type KpiUnit = ReturnType<typeof graphql.scalar<'KpiUnit'>>
export type KpiExclusionReason = ReturnType<typeof graphql.scalar<'KpiExclusionReason'>>

/** The name of a figure, and what it says of the work. */
export const KPI: Record<KpiKey, { title: MessageDescriptor; sentence: MessageDescriptor }> = {
  ON_TIME: {
    title: msg`Puntualità`,
    sentence: msg`Di ciò che è stato finito nel periodo, la parte finita entro la scadenza originale.`,
  },
  SLIP: {
    title: msg`Ritardo mediano`,
    sentence: msg`Di quanti giorni lavorativi ciò che è stato finito nel periodo ha mancato la scadenza; in anticipo è zero.`,
  },
  REDATED: {
    title: msg`Scadenze spostate`,
    sentence: msg`Di ciò che è stato finito nel periodo, la parte con la scadenza spostata.`,
  },
  FINISHED: {
    title: msg`Completati`,
    sentence: msg`Quanti sono stati completati nel periodo.`,
  },
  DUE: {
    title: msg`Previsti`,
    sentence: msg`Quanti scadevano nel periodo, comunque siano andati.`,
  },
  LEAD_TIME: {
    title: msg`Durata mediana`,
    sentence: msg`Dalla creazione alla chiusura, in giorni lavorativi: metà non dura di più.`,
  },
  CYCLE_TIME: {
    title: msg`Lavorazione mediana`,
    sentence: msg`Dal primo task iniziato alla chiusura, in giorni lavorativi: metà non dura di più.`,
  },
  FLOW_EFFICIENCY: {
    title: msg`Efficienza del flusso`,
    sentence: msg`Dei giorni lavorativi dalla creazione alla chiusura, la parte con un task in corso.`,
  },
  TIME_TO_ONBOARDED: {
    title: msg`Durata onboarding`,
    sentence: msg`Dalla vendita alla prima chiusura del ticket padre, in giorni lavorativi: metà non dura di più.`,
  },
  TIME_TO_FIRST_VALUE: {
    title: msg`Primo valore`,
    sentence: msg`Dalla vendita alla prima milestone completata in un ticket figlio, in giorni lavorativi.`,
  },
  TIME_TO_DELIVERED: {
    title: msg`Tutto consegnato`,
    sentence: msg`Dalla vendita alla chiusura dell’ultimo ticket figlio, in giorni lavorativi.`,
  },
  ONBOARDED: {
    title: msg`Onboarding completati`,
    sentence: msg`Delle vendite del periodo, la parte con l’onboarding chiuso.`,
  },
  REOPENED: {
    title: msg`Riaperti`,
    sentence: msg`Di ciò che è stato chiuso per la prima volta nel periodo, la parte riaperta da allora.`,
  },
  BACKLOG: {
    title: msg`Da iniziare`,
    sentence: msg`Quanti sono aperti e non ancora iniziati.`,
  },
  IN_PROGRESS: {
    title: msg`In corso adesso`,
    sentence: msg`Quanti sono iniziati e non finiti.`,
  },
  OPEN: {
    title: msg`Aperti adesso`,
    sentence: msg`Quanti sono aperti, iniziati o no.`,
  },
  AGE: {
    title: msg`Età mediana`,
    sentence: msg`Da quanti giorni lavorativi sono aperti i ticket aperti.`,
  },
  STANDSTILL: {
    title: msg`Ferme da`,
    sentence: msg`Da quanti giorni lavorativi non cambia nulla in ciò che è aperto: la mediana.`,
  },
  LATE: {
    title: msg`In ritardo adesso`,
    sentence: msg`Quanti sono aperti e oltre la scadenza.`,
  },
  PROGRESS: {
    title: msg`Avanzamento`,
    sentence: msg`Nelle milestone in corso, i task completati su quelli che contano.`,
  },
  AT_RISK: {
    title: msg`A rischio`,
    sentence: msg`Quanti sono aperti, non ancora in ritardo, e previsti oltre la scadenza: il lavoro che resta, pianificato da oggi.`,
  },
  LOAD: {
    title: msg`Carico`,
    sentence: msg`Le ore stimate dei task aperti che sono in ritardo o scadono entro dieci giorni lavorativi.`,
  },
  LOAD_SHARE: {
    title: msg`Carico sulle ore`,
    sentence: msg`Le stesse ore, sulle ore che i loro operatori danno in due settimane.`,
  },
  OPPORTUNITIES: {
    title: msg`Opportunità`,
    sentence: msg`Le opportunità create o adottate nel periodo.`,
  },
  OPPORTUNITY_VALUE: {
    title: msg`Valore delle opportunità`,
    sentence: msg`Quanto valgono le opportunità create o adottate nel periodo.`,
  },
  VALUE_OPEN: {
    title: msg`Da consegnare`,
    sentence: msg`Il valore venduto e non ancora consegnato: le righe con il ticket figlio aperto, o senza.`,
  },
  VALUE_AT_RISK: {
    title: msg`Valore a rischio`,
    sentence: msg`Del valore da consegnare, le righe con il ticket figlio in ritardo o a rischio, o con un problema nel CRM.`,
  },
  VALUE_DELIVERED: {
    title: msg`Consegnato`,
    sentence: msg`Il valore consegnato nel periodo: le righe con il ticket figlio chiuso.`,
  },
  RECOGNISED: {
    title: msg`Riconosciute`,
    sentence: msg`Delle vendite viste nel periodo, la parte diventata un ticket senza l’intervento di una persona.`,
  },
  INBOX: {
    title: msg`Da smistare`,
    sentence: msg`Le vendite che aspettano una decisione.`,
  },
  CRM_PENDING: {
    title: msg`In coda al CRM`,
    sentence: msg`Gli effetti nel CRM che non sono finiti.`,
  },
  CRM_ATTENTION: {
    title: msg`CRM da guardare`,
    sentence: msg`Gli effetti nel CRM che sono falliti o che aspettano una persona.`,
  },
}

/** What a figure is called beside another one, where its title says too much. */
export const KPI_BESIDE: Partial<Record<KpiKey, MessageDescriptor>> = {
  FLOW_EFFICIENCY: msg`in lavorazione`,
  LOAD: msg`di lavoro`,
  VALUE_AT_RISK: msg`a rischio`,
  CRM_ATTENTION: msg`CRM da guardare`,
}

export const KPI_SUBJECT: Record<KpiSubject, (count: number) => string> = {
  PARENTS: (count) => plural(count, { one: '# ticket padre', other: '# ticket padri' }),
  CHILDREN: (count) => plural(count, { one: '# ticket figlio', other: '# ticket figli' }),
  TICKETS: (count) => plural(count, { one: '# ticket', other: '# ticket' }),
  MILESTONES: (count) => plural(count, { one: '# milestone', other: '# milestone' }),
  TASKS: (count) => plural(count, { one: '# task', other: '# task' }),
  OPPORTUNITIES: (count) => plural(count, { one: '# opportunità', other: '# opportunità' }),
  SALES: (count) => plural(count, { one: '# vendita', other: '# vendite' }),
  EFFECTS: (count) => plural(count, { one: '# effetto nel CRM', other: '# effetti nel CRM' }),
}

export const KPI_EXCLUSION: Record<KpiExclusionReason, (count: number) => string> = {
  CANCELLED: (count) => plural(count, { one: '# annullato', other: '# annullati' }),
  SKIPPED: (count) => plural(count, { one: '# saltato', other: '# saltati' }),
  NEVER_STARTED: (count) => plural(count, { one: '# mai iniziato', other: '# mai iniziati' }),
  NOTHING_TO_DO: (count) => plural(count, { one: '# senza lavoro', other: '# senza lavoro' }),
  NO_CAPACITY: (count) => plural(count, { one: '# senza ore note', other: '# senza ore note' }),
  DISMISSED: (count) => plural(count, { one: '# scartato', other: '# scartati' }),
}

const UNITS: Record<Exclude<KpiUnit, 'COUNT' | 'SHARE'>, MessageDescriptor> = {
  WORKING_DAYS: msg({ message: 'g', context: 'working days' }),
  WORK_HOURS: msg({ message: 'h', context: 'hours of work' }),
  EUR: msg`€`,
}

type MeasureText = { number: string; gap: string; unit: string }

/** A number and its unit as an operator reads them; a share as a percentage. Null is a dash, which is not zero. */
export function measureText(value: number | null, unit: KpiUnit, i18n: I18n): MeasureText {
  if (value === null) return { number: '–', gap: '', unit: '' }
  if (unit === 'SHARE') {
    const [number, gap, sign] = percentText(value, 1, i18n.locale)
    return { number, gap, unit: sign }
  }
  const number = i18n.number(value, { maximumFractionDigits: unit === 'EUR' ? 0 : 1 })
  return unit === 'COUNT' ? { number, gap: '', unit: '' } : { number, gap: ' ', unit: i18n._(UNITS[unit]) }
}

/** `91,4 %` */
export function measureWords(value: number | null, unit: KpiUnit, i18n: I18n): string {
  const { number, gap, unit: word } = measureText(value, unit, i18n)
  return number + gap + word
}

/** `+2,4 pt`, of a share in points of a percentage. */
export function changeWords(change: number, unit: KpiUnit, i18n: I18n): string {
  const scaled = unit === 'SHARE' ? change * 100 : change
  const number = i18n.number(Math.abs(scaled), { maximumFractionDigits: 1 })
  const sign = number === '0' ? '±' : scaled > 0 ? '+' : '−'
  const word = unit === 'SHARE' ? i18n._(msg`pt`) : measureText(0, unit, i18n).unit
  return `${sign}${number}${word && ` ${word}`}`
}
