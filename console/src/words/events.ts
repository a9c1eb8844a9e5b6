import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

const EVENTS: Record<string, MessageDescriptor> = {
  TICKET_CREATED: msg`ha creato`,
  TICKET_OPEN: msg`ha riaperto`,
  TICKET_IN_PROGRESS: msg`ha messo in corso`,
  TICKET_CLOSED: msg`ha chiuso`,
  TICKET_CANCELLED: msg`ha annullato`,
  TICKET_RESCHEDULED: msg`ha spostato la scadenza di`,
  MILESTONE_CREATED: msg`ha creato`,
  MILESTONE_PLANNED: msg`ha riaperto`,
  MILESTONE_IN_PROGRESS: msg`ha messo in corso`,
  MILESTONE_COMPLETED: msg`ha completato`,
  MILESTONE_CANCELLED: msg`ha annullato`,
  MILESTONE_RESCHEDULED: msg`ha spostato la scadenza di`,
  TASK_CREATED: msg`ha creato`,
  TASK_TODO: msg`ha riaperto`,
  TASK_IN_PROGRESS: msg`ha iniziato`,
  TASK_DONE: msg`ha completato`,
  TASK_SKIPPED: msg`ha saltato`,
  TASK_WAIVED: msg`ha reso facoltativo`,
  TASK_ASSIGNED: msg`ha assegnato`,
  TASK_RESCHEDULED: msg`ha spostato la scadenza di`,
  TASK_UPDATED: msg`ha cambiato`,
  TICKET_UPDATED: msg`ha cambiato`,
  TASK_MOVED: msg`ha spostato`,
  TASK_CHECKLIST_TICKED: msg`ha spuntato una voce di`,
  COMMENT_ADDED: msg`ha commentato`,
  LINK_ADDED: msg`ha aggiunto un collegamento`,
  SALE_IMPORTED: msg`ha preso in carico la vendita`,
  OPPORTUNITY_CREATED: msg`ha creato nel CRM l’opportunità`,
  OPPORTUNITY_ADOPTED: msg`ha adottato l’opportunità`,
  OPPORTUNITY_REFRESHED: msg`ha aggiornato l’opportunità`,
  OPPORTUNITY_CHILD_CREATED: msg`ha creato il ticket figlio di`,
  SHADOW_CREATED: msg`ha creato nel CRM un’attività`,
  SHADOW_UPDATED: msg`ha aggiornato nel CRM un’attività`,
}

const ANY = msg`ha cambiato qualcosa`

/** What an event says of whoever did it, before the name of what it happened to. */
export function eventWords(kind: string): MessageDescriptor {
  return EVENTS[kind] ?? ANY
}
