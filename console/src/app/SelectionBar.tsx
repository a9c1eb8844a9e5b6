import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import { Kbd } from '../ui/parts'
import { type Binding, useKeys } from './keys'

/** What can be done with all selected rows at once. Its keys stand before those of the single row. */
export function SelectionBar({
  count,
  deeds,
  busy,
  onClear,
}: {
  count: number
  deeds: readonly Pick<Binding, 'keys' | 'label' | 'run'>[]
  busy: boolean
  onClear: () => void
}) {
  const { t } = useLingui()
  useKeys(deeds.map((deed) => ({ ...deed, group: 'list', run: () => !busy && deed.run() })))
  return (
    <div className="selection-bar" role="toolbar" aria-label={t`Scelti`}>
      <strong role="status">{plural(count, { one: '# scelto', other: '# scelti' })}</strong>
      {deeds.map(({ keys, label, run }) => (
        <button key={keys} type="button" className="button" disabled={busy} onClick={run}>
          {label} <Kbd>{keys.toUpperCase()}</Kbd>
        </button>
      ))}
      <button type="button" className="icon-button" aria-label={t`Non scegliere più`} onClick={onClear}>
        <X size={16} aria-hidden />
      </button>
    </div>
  )
}
