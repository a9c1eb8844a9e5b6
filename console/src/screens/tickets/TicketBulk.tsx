import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { lazy, Suspense, useState } from 'react'
import { Heading, ListBox, ListBoxItem } from 'react-aria-components'
import { SelectionBar } from '../../app/SelectionBar'
import { Modal } from '../../ui/Modal'
import { PRIORITIES, PRIORITY, type Priority } from '../../words/status'
import type { TicketChange } from './useTicketBulk'

const AssignDialog = lazy(() => import('../tree/AssignDialog').then(({ AssignDialog }) => ({ default: AssignDialog })))

/** What can be done with all selected tickets, and what is asked before. */
export function TicketBulk({
  count,
  busy,
  onChange,
  onClear,
}: {
  count: number
  busy: boolean
  onChange: (change: TicketChange) => void
  onClear: () => void
}) {
  const { t } = useMacro()
  const [asked, setAsked] = useState<'owner' | 'priority' | null>(null)
  const [handOver, setHandOver] = useState(false)
  const close = () => setAsked(null)
  return (
    <>
      <SelectionBar
        count={count}
        busy={busy}
        deeds={[
          { keys: 'a', label: t`Assegna`, run: () => setAsked('owner') },
          { keys: 'p', label: t`Priorità`, run: () => setAsked('priority') },
        ]}
        onClear={onClear}
      />
      {asked === 'owner' && (
        <Suspense fallback={<div data-modal="" />}>
          <AssignDialog
            title={plural(count, { one: 'Assegna # ticket', other: 'Assegna # ticket' })}
            onChoose={({ id }) => onChange({ ownerId: id, handOverTasks: handOver })}
            onClose={close}
          >
            <label className="switch">
              <input type="checkbox" checked={handOver} onChange={(event) => setHandOver(event.target.checked)} />
              {t`Passano anche i task aperti di chi li aveva`}
            </label>
          </AssignDialog>
        </Suspense>
      )}
      {asked === 'priority' && (
        <PriorityDialog count={count} onChoose={(priority) => onChange({ priority })} onClose={close} />
      )}
    </>
  )
}

function PriorityDialog({
  count,
  onChoose,
  onClose,
}: {
  count: number
  onChoose: (priority: Priority) => void
  onClose: () => void
}) {
  const { _ } = useLingui()
  const { t } = useMacro()
  return (
    <Modal onClose={onClose}>
      <Heading slot="title">{plural(count, { one: 'Priorità di # ticket', other: 'Priorità di # ticket' })}</Heading>
      <ListBox
        aria-label={t`Priorità`}
        autoFocus
        className="choice-list"
        onAction={(id) => {
          onClose()
          onChoose(id as Priority)
        }}
      >
        {PRIORITIES.map((priority) => (
          <ListBoxItem key={priority} id={priority} className="choice-option">
            {_(PRIORITY[priority])}
          </ListBoxItem>
        ))}
      </ListBox>
    </Modal>
  )
}
