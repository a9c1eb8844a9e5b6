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
  COMMENT_EDITED: msg`ha riscritto un commento`,
  COMMENT_REMOVED: msg`ha tolto un commento`,
  LINK_ADDED: msg`ha aggiunto un collegamento`,
  LINK_CHANGED: msg`ha cambiato un collegamento`,
  LINK_REMOVED: msg`ha tolto un collegamento`,
  SALE_IMPORTED: msg`ha preso in carico la vendita`,
  SALE_CHANGE_ACCEPTED: msg`ha accettato il cambiamento della vendita`,
  COMPANY_MERGED: msg`ha seguito l’unione dell’azienda nel CRM`,
  OPPORTUNITY_CREATED: msg`ha creato nel CRM l’opportunità`,
  OPPORTUNITY_RECREATED: msg`ha ricreato nel CRM l’opportunità`,
  OPPORTUNITY_ADOPTED: msg`ha adottato l’opportunità`,
  OPPORTUNITY_REFRESHED: msg`ha aggiornato l’opportunità`,
  OPPORTUNITY_CHILD_CREATED: msg`ha creato il ticket figlio di`,
  OPPORTUNITY_MISSING: msg`non trova più nel CRM l’opportunità`,
  OPPORTUNITY_FLAGGED: msg`ha segnalato l’opportunità`,
  OPPORTUNITY_FLAG_CLEARED: msg`ha trovato a posto l’opportunità`,
  OPPORTUNITY_KEPT: msg`ha lasciato com’è l’opportunità`,
  OPPORTUNITY_REPAIRS_CHANGED: msg`ha cambiato le riparazioni possibili per l’opportunità`,
  SHADOW_CREATED: msg`ha creato nel CRM un’attività`,
  SHADOW_RECREATED: msg`ha ricreato nel CRM un’attività`,
  SHADOW_CONTENT_CHANGED: msg`ha cambiato ciò che mostra l’attività nel CRM`,
  SHADOW_UPDATED: msg`ha aggiornato nel CRM un’attività`,
  SHADOW_MISSING: msg`non trova più nel CRM un’attività`,
}

const ANY = msg`ha cambiato qualcosa`

/** What an event says of whoever did it, before the name of what it happened to. */
export function eventWords(kind: string): MessageDescriptor {
  return EVENTS[kind] ?? ANY
}
