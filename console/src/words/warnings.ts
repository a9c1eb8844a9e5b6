import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { graphql } from '../api/graphql'

type RescheduleWarning = ReturnType<typeof graphql.scalar<'RescheduleWarning'>>

/** What is odd about a new date, though it is allowed. */
export const RESCHEDULE_WARNING: Record<RescheduleWarning, MessageDescriptor> = {
  NOT_A_WORKING_DAY: msg`Non è un giorno lavorativo: vale il primo dopo.`,
  IN_THE_PAST: msg`La data è già passata.`,
  BEFORE_ITS_START: msg`È prima del giorno in cui comincia.`,
  MOVES_THE_TICKET: msg`Si sposta anche la scadenza del ticket.`,
  FAR_FROM_THE_PLAN: msg`È lontana da quella prevista in origine.`,
}
