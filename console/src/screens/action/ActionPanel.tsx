import type { Shown } from './address'
import { PreviewPanel } from './PreviewPanel'
import { RunPanel } from './RunPanel'

/** A button's preview, or an action, as the address says it. */
export function ActionPanel({
  shown,
  ticket,
  onShow,
  onEnd,
  onClose,
}: {
  shown: Shown
  ticket: { id: string; code: string }
  onShow: (actionId: string) => void
  /** The action on the screen runs no more. */
  onEnd: () => void
  onClose: () => void
}) {
  if (shown.is === 'action') return <RunPanel key={shown.id} id={shown.id} onEnd={onEnd} onClose={onClose} />
  const press = { button: shown.button, targetId: shown.targetId ?? ticket.id }
  return (
    <PreviewPanel
      key={`${press.button} ${press.targetId}`}
      press={press}
      code={ticket.code}
      onStarted={onShow}
      onClose={onClose}
    />
  )
}
