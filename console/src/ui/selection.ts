import { useRef } from 'react'

/** Which rows of a list are selected, and which may be. */
export type Selection<Row> = {
  keys: ReadonlySet<string>
  isSelectable: (row: Row) => boolean
  onChange: (keys: ReadonlySet<string>) => void
}

/** Selects single rows, and with Shift all rows from the last one that was selected. */
export function useSelecting<Row>(
  selection: Selection<Row> | undefined,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
) {
  // Where the stretch begins, and what was selected before it: a shorter stretch gives rows back.
  const anchor = useRef<{ key: string; before: ReadonlySet<string> } | undefined>(undefined)

  function toggle(row: Row) {
    if (!selection?.isSelectable(row)) return
    const keys = new Set(selection.keys)
    const key = keyOf(row)
    if (!keys.delete(key)) keys.add(key)
    anchor.current = { key, before: keys }
    selection.onChange(keys)
  }

  function extend(from: Row, to: Row) {
    if (!selection) return
    if (!anchor.current || !selection.keys.has(anchor.current.key)) {
      anchor.current = { key: keyOf(from), before: selection.keys }
    }
    const { key, before } = anchor.current
    const stretch = between(rows, (row) => keyOf(row) === key, to).filter(selection.isSelectable)
    selection.onChange(new Set([...before, ...stretch.map(keyOf)]))
  }

  function clear(): boolean {
    if (!selection?.keys.size) return false
    selection.onChange(new Set())
    return true
  }

  return { toggle, extend, clear }
}

/** The rows from the one that is sought to this one, both included, in whichever order they stand. */
export function between<Row>(rows: readonly Row[], sought: (row: Row) => boolean, to: Row): readonly Row[] {
  const [one, other] = [rows.findIndex(sought), rows.indexOf(to)]
  return one < 0 ? [to] : rows.slice(Math.min(one, other), Math.max(one, other) + 1)
}
