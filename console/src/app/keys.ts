import { useEffect, useRef } from 'react'
import { singleKeys } from './preferences'

/** A key or two after each other (`g t`), or one with Control (`ctrl+k`). */
export type Binding = {
  keys: string
  label: string
  /** Under which heading the list of keys shows it. */
  group: 'everywhere' | 'go' | 'list' | 'task'
  run: () => void
}

const TEXT_FIELDS =
  'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable="true"], [role="spinbutton"], [role="combobox"]'

const SEQUENCE_MILLISECONDS = 1_200

const layers: { bindings: readonly Binding[] }[] = []
let pending: { key: string; at: number } | undefined

/** Every binding that counts now; what came last to the page wins. */
export function currentBindings(): Binding[] {
  const seen = new Map<string, Binding>()
  for (const { bindings } of [...layers].reverse()) {
    for (const binding of bindings) if (!seen.has(binding.keys)) seen.set(binding.keys, binding)
  }
  return [...seen.values()]
}

/** Binds keys for as long as the component is on the screen. */
export function useKeys(bindings: readonly Binding[]) {
  const layer = useRef<{ bindings: readonly Binding[] }>({ bindings })
  layer.current.bindings = bindings
  useEffect(() => {
    const mine = layer.current
    layers.push(mine)
    return () => {
      layers.splice(layers.indexOf(mine), 1)
    }
  }, [])
}

/** Runs what a key is bound to, once for the whole page. */
export function listenToKeys() {
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.isComposing) return
    const control = event.ctrlKey || event.metaKey
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const target = event.target instanceof Element ? event.target : document.body
    if (!control && (singleKeys.get() === 'off' || takesText(target))) return
    // A dialog has its own keys, and while it is loaded nothing has.
    if (target.closest('[role="dialog"]') || document.querySelector('[data-modal]')) return
    const binding = bindingOf(control ? `ctrl+${key}` : key, event.timeStamp)
    if (!binding) return
    event.preventDefault()
    binding.run()
  })
}

function bindingOf(key: string, at: number): Binding | undefined {
  const bindings = currentBindings()
  const before = pending && at - pending.at < SEQUENCE_MILLISECONDS ? `${pending.key} ` : ''
  pending = undefined
  const found = bindings.find((binding) => binding.keys === before + key) ?? bindings.find((one) => one.keys === key)
  if (!found && bindings.some((binding) => binding.keys.startsWith(`${key} `))) pending = { key, at }
  return found
}

function takesText(target: Element): boolean {
  return target.matches(TEXT_FIELDS)
}
