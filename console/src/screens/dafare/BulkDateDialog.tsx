import { type CalendarDate, parseDate } from '@internationalized/date'
import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'
import { DateField, DateInput, DateSegment, Heading, Label } from 'react-aria-components'
import { Modal } from '../../ui/Modal'
import { Kbd } from '../../ui/parts'
import { today } from '../../words/figures'
import type { BulkChange } from './bulk'

const FARTHEST = 365

/** Moves the due dates of several tasks: each by some working days, or all to one day. */
export function BulkDateDialog({
  count,
  onChoose,
  onClose,
}: {
  count: number
  onChoose: (change: BulkChange) => void
  onClose: () => void
}) {
  const { t } = useLingui()
  const [by, setBy] = useState<'days' | 'day'>('days')
  const [days, setDays] = useState('1')
  const [day, setDay] = useState<CalendarDate | null>(parseDate(today()))
  const byWorkingDays = Number(days)
  const isValid =
    by === 'day'
      ? day !== null
      : Number.isInteger(byWorkingDays) && byWorkingDays !== 0 && Math.abs(byWorkingDays) <= FARTHEST

  function choose(event: FormEvent) {
    event.preventDefault()
    if (!isValid) return
    onClose()
    if (by === 'days') onChoose({ is: 'move', byWorkingDays })
    else if (day) onChoose({ is: 'reschedule', dueOn: day.toString() })
  }

  return (
    <Modal onClose={onClose}>
      <form
        onSubmit={choose}
        onKeyDownCapture={(event) => {
          // The parts of a date keep Enter to themselves.
          const isPart = (event.target as Element).matches('[role="spinbutton"]')
          if (event.key === 'Enter' && isPart) event.currentTarget.requestSubmit()
        }}
      >
        <Heading slot="title">
          {plural(count, { one: 'Sposta la scadenza di # task', other: 'Sposta la scadenza di # task' })}
        </Heading>
        <fieldset className="ways">
          <legend className="unseen">{t`Come`}</legend>
          <label>
            <input type="radio" name="way" checked={by === 'days'} onChange={() => setBy('days')} />
            {t`Ognuna di alcuni giorni lavorativi`}
          </label>
          <label>
            <input type="radio" name="way" checked={by === 'day'} onChange={() => setBy('day')} />
            {t`Tutte allo stesso giorno`}
          </label>
        </fieldset>
        {by === 'days' ? (
          <label className="date-field">
            <span>{t`Giorni lavorativi, con il meno per anticipare`}</span>
            <input
              type="number"
              className="field"
              value={days}
              min={-FARTHEST}
              max={FARTHEST}
              // biome-ignore lint/a11y/noAutofocus: the field is all that the dialog asks for.
              autoFocus
              onChange={(event) => setDays(event.target.value)}
            />
          </label>
        ) : (
          <DateField value={day} onChange={setDay} shouldForceLeadingZeros className="date-field">
            <Label>{t`Nuova scadenza`}</Label>
            <DateInput className="date-input">
              {(segment) => <DateSegment segment={segment} className="date-segment" />}
            </DateInput>
          </DateField>
        )}
        <p className="quiet">{t`Ciò che dipende da questi task si sposta con loro.`}</p>
        <div className="buttons">
          <button type="submit" className="button primary" disabled={!isValid}>
            {t`Sposta`} <Kbd>{t`Invio`}</Kbd>
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t`Lascia com’è`} <Kbd>Esc</Kbd>
          </button>
        </div>
      </form>
    </Modal>
  )
}
