import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import { lazy, Suspense, useState } from 'react'
import { SelectionBar } from '../../app/SelectionBar'
import type { BulkChange } from './bulk'

const AssignDialog = lazy(() => import('../tree/AssignDialog').then(({ AssignDialog }) => ({ default: AssignDialog })))
const BulkDateDialog = lazy(() =>
  import('./BulkDateDialog').then(({ BulkDateDialog }) => ({ default: BulkDateDialog })),
)

/** What can be done with all selected tasks, and what is asked before. */
export function Bulk({
  count,
  busy,
  onChange,
  onClear,
}: {
  count: number
  busy: boolean
  onChange: (change: BulkChange) => void
  onClear: () => void
}) {
  const { t } = useLingui()
  const [asked, setAsked] = useState<'assign' | 'date' | null>(null)
  const close = () => setAsked(null)
  return (
    <>
      <SelectionBar
        count={count}
        busy={busy}
        deeds={[
          { keys: 'x', label: t`Completa`, run: () => onChange({ is: 'complete' }) },
          { keys: 'i', label: t`Inizia`, run: () => onChange({ is: 'start' }) },
          { keys: 'a', label: t`Assegna`, run: () => setAsked('assign') },
          { keys: 'd', label: t`Scadenza`, run: () => setAsked('date') },
        ]}
        onClear={onClear}
      />
      <Suspense fallback={<div data-modal="" />}>
        {asked === 'assign' && (
          <AssignDialog
            title={plural(count, { one: 'Assegna # task', other: 'Assegna # task' })}
            onChoose={(to) => onChange({ is: 'assign', to })}
            onClose={close}
          />
        )}
        {asked === 'date' && <BulkDateDialog count={count} onChoose={onChange} onClose={close} />}
      </Suspense>
    </>
  )
}
