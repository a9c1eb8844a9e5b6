import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

export type IntakeReason =
  | 'NO_KIT'
  | 'AMBIGUOUS_KIT'
  | 'NEGATED'
  | 'UNSURE'
  | 'PAST'
  | 'SEVERAL_SALES'
  | 'QUOTED'
  | 'NOT_SAID'
  | 'GARBLED'
  | 'TOO_LONG'
  | 'UNKNOWN_COMPANY'
  | 'NO_OWNER'
  | 'KIT_WITHOUT_SERVICES'
  | 'CODE_TAKEN'
  | 'REQUEST_UNSETTLED'
  | 'NOT_TAKEN_IN'
  | 'SALE_DELETED'
  | 'SALE_MOVED'
  | 'SALE_CHANGED'

/** Why a sale waits for a person: two or three words for a list, and the sentence. */
export const INTAKE_REASON: Record<IntakeReason, { word: MessageDescriptor; sentence: MessageDescriptor }> = {
  NO_KIT: {
    word: msg`Nessun kit`,
    sentence: msg`Il testo non nomina nessun kit. Se è una vendita scegli il kit, se no scartala.`,
  },
  AMBIGUOUS_KIT: {
    word: msg`Più kit possibili`,
    sentence: msg`Il testo nomina più kit, e l’hub non tira a indovinare. Scegli quale è stato venduto.`,
  },
  NEGATED: {
    word: msg`Non venduto`,
    sentence: msg`Il testo dice che il kit è rifiutato, annullato o non venduto.`,
  },
  UNSURE: {
    word: msg`Vendita incerta`,
    sentence: msg`Il testo parla di una vendita possibile: un dubbio, una condizione, un’offerta, una domanda, un piano.`,
  },
  PAST: { word: msg`Vendita passata`, sentence: msg`Il testo parla di una vendita di prima.` },
  SEVERAL_SALES: {
    word: msg`Più vendite`,
    sentence: msg`Il testo dice che lo stesso kit è venduto più volte. Da qui nasce un ticket: registra le altre vendite nel CRM.`,
  },
  QUOTED: {
    word: msg`Solo citato`,
    sentence: msg`Il kit è nominato solo in una mail citata, in una firma o in parole barrate.`,
  },
  NOT_SAID: { word: msg`Vendita non detta`, sentence: msg`Il testo nomina un kit, ma non dice che è venduto.` },
  GARBLED: {
    word: msg`Testo rovinato`,
    sentence: msg`Il testo ha la codifica sbagliata: un kit si legge solo dopo averlo riparato.`,
  },
  TOO_LONG: { word: msg`Testo troppo lungo`, sentence: msg`Il testo è troppo lungo per la nota di una vendita.` },
  UNKNOWN_COMPANY: { word: msg`Azienda ignota`, sentence: msg`Il CRM non dice di quale azienda è la vendita.` },
  NO_OWNER: {
    word: msg`Nessun responsabile`,
    sentence: msg`Nessun operatore corrisponde a chi ha venduto, e nessuno è responsabile del servizio principale. Scegli tu.`,
  },
  KIT_WITHOUT_SERVICES: { word: msg`Kit senza servizi`, sentence: msg`Il kit che il testo nomina non ha servizi.` },
  CODE_TAKEN: {
    word: msg`Codice occupato`,
    sentence: msg`Le sue opportunità nel CRM hanno codici che ora sono di un altro ticket.`,
  },
  REQUEST_UNSETTLED: {
    word: msg`Invio in sospeso`,
    sentence: msg`Porta il segno di un nostro invio di cui non si conosce ancora l’esito.`,
  },
  NOT_TAKEN_IN: {
    word: msg`Non letta`,
    sentence: msg`L’attività o la sua azienda non si legge. L’hub riprova da solo, sempre più di rado.`,
  },
  SALE_DELETED: {
    word: msg`Vendita cancellata`,
    sentence: msg`Il CRM non ha più questa attività. Decidi che cosa succede al suo ticket.`,
  },
  SALE_MOVED: {
    word: msg`Altra azienda`,
    sentence: msg`Nel CRM l’attività ora è di un’altra azienda, non di quella del ticket.`,
  },
  SALE_CHANGED: {
    word: msg`Vendita cambiata`,
    sentence: msg`Nel CRM il testo non nomina più il kit del ticket.`,
  },
}
