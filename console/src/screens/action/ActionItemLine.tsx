import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { CrmLink } from '../../ui/CrmLink'
import { clockTime } from '../../words/figures'
import { OUTCOME, UNDER_WAY } from '../../words/outcomes'
import type { Shown } from '../../words/status'
import type { ReadAction, ReadItem } from './documents'
import { ItemLine } from './parts'

export function needsPerson({ outcome }: Pick<ReadItem, 'outcome'>): boolean {
  return outcome === 'FAILED' || outcome === 'NEEDS_ATTENTION'
}

function shownOf({ outcome, state }: ReadItem): Shown {
  if (outcome) return OUTCOME[outcome]
  return UNDER_WAY[state === 'SENDING' ? 'SENDING' : 'PENDING']
}

/** What became of one record, with the CRM's own words where it refused. */
export function ActionItemLine({
  item,
  action,
  name,
}: {
  item: ReadItem
  action: Pick<ReadAction, 'company'>
  name: string
}) {
  const { _, i18n } = useLingui()
  const { t } = useMacro()
  const shown = shownOf(item)
  const at = item.finishedAt && clockTime(item.finishedAt, i18n.locale)
  const attempts = item.attemptCount > 1 ? t`${item.attemptCount} tentativi` : null
  const what = [_(shown.word), item.reference, attempts].filter(Boolean).join(' · ')
  return (
    <ItemLine
      shown={shown}
      name={name}
      what={what}
      crmId={item.crmId}
      crmUrl={item.crmUrl}
      amount={needsPerson(item) && at}
    >
      {item.state === 'SENDING' && (
        <span className="item-why">
          {t`Il CRM non ha ancora risposto. Se la risposta si perde, l’hub cerca prima di rimandare: non farà doppioni.`}
        </span>
      )}
      {item.state === 'PENDING' && item.crmWords && item.nextTryAt && (
        <span className="item-why">{t`Riprova da solo alle ${clockTime(item.nextTryAt, i18n.locale)}.`}</span>
      )}
      {(needsPerson(item) || item.crmWords) && (
        <div className="item-words">
          {item.crmWords ? (
            <p>
              <span className="quiet">{t`Il CRM ha detto:`}</span> <b>«{item.crmWords}»</b>
            </p>
          ) : (
            <p lang="en">{item.explanation}</p>
          )}
          {needsPerson(item) && action.company && (
            <p className="quiet">
              {t`Correggi l’azienda nel CRM, poi riprova:`}{' '}
              <CrmLink id={action.company.crmId} url={action.company.crmUrl} />
            </p>
          )}
        </div>
      )}
    </ItemLine>
  )
}
