import { type CalendarDate, parseDate } from '@internationalized/date'
import { useLingui } from '@lingui/react/macro'
import { type FormEvent, useState } from 'react'
import { DateField, DateInput, DateSegment, Heading, Label } from 'react-aria-components'
import { Modal } from '../../ui/Modal'
import { Kbd } from '../../ui/parts'
import type { TaskRow } from './rows'

/** Moves the due date of a task, typed in day, month and year. */
export function DateDialog({
  task,
  onChoose,
  onClose,
}: {
  task: TaskRow
  onChoose: (dueOn: string) => void
  onClose: () => void
}) {
  const { t } = useLingui()
  const [day, setDay] = useState<CalendarDate | null>(parseDate(task.dueOn))

  function choose(event: FormEvent) {
    event.preventDefault()
    if (!day) return
    onClose()
    if (day.toString() !== task.dueOn) onChoose(day.toString())
  }

  return (
    <Modal onClose={onClose}>
      <form
        onSubmit={choose}
        onKeyDownCapture={(event) => {
          // The parts of a date are no fields of the form, which Enter would send, and keep the key to themselves.
          const isPart = (event.target as Element).matches('[role="spinbutton"]')
          if (event.key === 'Enter' && isPart) event.currentTarget.requestSubmit()
        }}
      >
        <Heading slot="title">{t`Sposta la scadenza: ${task.title}`}</Heading>
        <DateField value={day} onChange={setDay} shouldForceLeadingZeros autoFocus className="date-field">
          <Label>{t`Nuova scadenza`}</Label>
          <DateInput className="date-input">
            {(segment) => <DateSegment segment={segment} className="date-segment" />}
          </DateInput>
        </DateField>
        <p className="quiet">{t`Ciò che dipende da questo task si sposta con lui.`}</p>
        <div className="buttons">
          <button type="submit" className="button primary" disabled={!day}>
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
