import type { MessageDescriptor } from '@lingui/core'
import { msg, plural } from '@lingui/core/macro'
import {
  Ban,
  CircleCheck,
  CircleDashed,
  Equal,
  Link2,
  LoaderCircle,
  Lock,
  Minus,
  Pencil,
  Plus,
  TriangleAlert,
  X,
} from 'lucide-react'
import type { Shown } from './status'

export type ForeseenOutcome = 'CREATE' | 'ADOPT' | 'UPDATE' | 'UNCHANGED' | 'SKIP' | 'BLOCKED'
export type ItemOutcome =
  | 'CREATED'
  | 'ADOPTED'
  | 'UPDATED'
  | 'UNCHANGED'
  | 'SKIPPED'
  | 'FAILED'
  | 'NEEDS_ATTENTION'
  | 'CANCELLED'
export type ActionStatus = 'RUNNING' | 'WAITING' | 'COMPLETED' | 'CANCELLED'

export const FORESEEN: Record<ForeseenOutcome, Shown> = {
  CREATE: { word: msg`crea`, icon: Plus, tone: 'green' },
  ADOPT: { word: msg`adotta`, icon: Link2, tone: 'blue' },
  UPDATE: { word: msg`aggiorna`, icon: Pencil, tone: 'blue' },
  UNCHANGED: { word: msg`invariata`, icon: Equal, tone: 'grey' },
  SKIP: { word: msg`saltata`, icon: Minus, tone: 'amber' },
  BLOCKED: { word: msg`bloccata`, icon: Lock, tone: 'orange' },
}

export const OUTCOME: Record<ItemOutcome, Shown> = {
  CREATED: { word: msg`creata`, icon: CircleCheck, tone: 'green' },
  ADOPTED: { word: msg`adottata`, icon: Link2, tone: 'blue' },
  UPDATED: { word: msg`aggiornata`, icon: Pencil, tone: 'green' },
  UNCHANGED: { word: msg`invariata`, icon: Equal, tone: 'grey' },
  SKIPPED: { word: msg`saltata`, icon: Minus, tone: 'amber' },
  FAILED: { word: msg`rifiutata`, icon: X, tone: 'red' },
  NEEDS_ATTENTION: { word: msg`da guardare`, icon: TriangleAlert, tone: 'orange' },
  CANCELLED: { word: msg({ message: 'annullata', context: 'item' }), icon: Ban, tone: 'grey' },
}

/** The word after a number of items, `2 da creare`. */
export const FORESEEN_COUNT: Record<ForeseenOutcome, (count: number) => string> = {
  CREATE: (count) => plural(count, { one: 'da creare', other: 'da creare' }),
  ADOPT: (count) => plural(count, { one: 'da adottare', other: 'da adottare' }),
  UPDATE: (count) => plural(count, { one: 'da aggiornare', other: 'da aggiornare' }),
  UNCHANGED: (count) => plural(count, { one: 'invariata', other: 'invariate' }),
  SKIP: (count) => plural(count, { one: 'saltata', other: 'saltate' }),
  BLOCKED: (count) => plural(count, { one: 'bloccata', other: 'bloccate' }),
}

/** The word after a number of items, `1 rifiutata`. */
export const OUTCOME_COUNT: Record<ItemOutcome, (count: number) => string> = {
  CREATED: (count) => plural(count, { one: 'creata', other: 'create' }),
  ADOPTED: (count) => plural(count, { one: 'adottata', other: 'adottate' }),
  UPDATED: (count) => plural(count, { one: 'aggiornata', other: 'aggiornate' }),
  UNCHANGED: (count) => plural(count, { one: 'invariata', other: 'invariate' }),
  SKIPPED: (count) => plural(count, { one: 'saltata', other: 'saltate' }),
  FAILED: (count) => plural(count, { one: 'rifiutata', other: 'rifiutate' }),
  NEEDS_ATTENTION: (count) => plural(count, { one: 'da guardare', other: 'da guardare' }),
  CANCELLED: (count) => plural(count, { one: 'annullata', other: 'annullate' }),
}

/** An item that has no outcome yet. */
export const UNDER_WAY: Record<'PENDING' | 'SENDING', Shown> = {
  PENDING: { word: msg`in attesa`, icon: CircleDashed, tone: 'grey' },
  SENDING: { word: msg`in invio`, icon: LoaderCircle, tone: 'blue' },
}

export const ACTION_STATUS: Record<ActionStatus, Shown> = {
  RUNNING: { word: msg`In esecuzione`, icon: LoaderCircle, tone: 'blue' },
  WAITING: { word: msg`Aspetta una persona`, icon: TriangleAlert, tone: 'orange' },
  COMPLETED: { word: msg({ message: 'Completata', context: 'action' }), icon: CircleCheck, tone: 'green' },
  CANCELLED: { word: msg({ message: 'Annullata', context: 'action' }), icon: Ban, tone: 'grey' },
}

/** What the hub does by itself. The three buttons have names of their own. */
export const OTHER_ACTIONS = {
  FOLLOW_MILESTONES: msg`Aggiornamento delle attività`,
  CREATE_TICKET: msg`Nuova vendita`,
  SECOND_LOOK: msg`Secondo sguardo`,
  REPAIR_OPPORTUNITY: msg`Riparazione`,
} satisfies Record<string, MessageDescriptor>
