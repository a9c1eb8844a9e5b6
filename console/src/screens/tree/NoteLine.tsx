import './task.css'
import { useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import type { Note } from './useTaskChanges'

/** Why a change did not come true, under its row. */
export function NoteLine({ note, onDismiss }: { note: Note | undefined; onDismiss: () => void }) {
  const { t } = useLingui()
  if (!note) return null
  return (
    <span className="row-note" role="alert">
      <span>{note.sentence}</span>
      {note.retry && (
        <button type="button" className="link" onClick={note.retry}>
          {t`Riprova`}
        </button>
      )}
      <button type="button" className="icon-button" aria-label={t`Chiudi`} onClick={onDismiss}>
        <X size={14} aria-hidden />
      </button>
    </span>
  )
}
