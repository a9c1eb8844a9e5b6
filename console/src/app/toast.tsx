import { useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { Kbd } from '../ui/parts'
import { useKeys } from './keys'

type Toast = { sentence: string; undo: (() => void) | undefined }

const SECONDS = 10

const listeners = new Set<() => void>()
let shown: Toast | undefined
let timer: ReturnType<typeof setTimeout> | undefined

function set(next: Toast | undefined) {
  clearTimeout(timer)
  shown = next
  if (next) timer = setTimeout(() => set(undefined), SECONDS * 1_000)
  for (const listener of listeners) listener()
}

/** Says what was done, and for ten seconds offers to undo it. The returned function takes it back, unless more was said. */
export function say(sentence: string, undo?: () => void): () => void {
  const toast = { sentence, undo }
  set(toast)
  return () => {
    if (shown === toast) set(undefined)
  }
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

export function ToastLine() {
  const { t } = useLingui()
  const toast = useSyncExternalStore(subscribe, () => shown)
  const undo = () => {
    const back = shown?.undo
    set(undefined)
    back?.()
  }
  useKeys(toast?.undo ? [{ keys: 'ctrl+z', label: t`Annulla l’ultima cosa`, group: 'everywhere', run: undo }] : [])
  return (
    <div className="toast-place" role="status">
      {toast && (
        <div className="toast">
          <span>{toast.sentence}</span>
          {toast.undo && (
            <button type="button" className="button" onClick={undo}>
              {t`Annulla`} <Kbd>Ctrl Z</Kbd>
            </button>
          )}
          <button type="button" className="icon-button" aria-label={t`Chiudi`} onClick={() => set(undefined)}>
            <X size={16} aria-hidden />
          </button>
        </div>
      )}
    </div>
  )
}
