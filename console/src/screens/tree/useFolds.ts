import { useRef, useState } from 'react'
import { startsOpen, type TreeRow } from './rows'
import type { TreeStore } from './useTree'

/** What is unfolded. A row keeps how it first came: another's change folds and unfolds nothing. */
export function useFolds(revealed: string | undefined, store: TreeStore) {
  const first = useRef(new Map<string, boolean>())
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(() => above(revealed, store))
  return {
    isOpen: (row: TreeRow) => {
      if (!first.current.has(row.id)) first.current.set(row.id, startsOpen(row))
      return chosen.get(row.id) ?? first.current.get(row.id) ?? true
    },
    set: (id: string, open: boolean) => setChosen((before) => new Map(before).set(id, open)),
    reveal: (id: string, rows: TreeStore) => setChosen((before) => new Map([...before, ...above(id, rows)])),
  }
}

/** Everything that a row hangs under, unfolded. */
function above(id: string | undefined, store: TreeStore): Map<string, boolean> {
  const open = new Map<string, boolean>()
  let row = id ? store.get(id) : undefined
  while (row) {
    const over: string | null =
      row.kind === 'task' ? row.milestoneId : row.kind === 'milestone' ? row.ticketId : row.parentId
    if (!over) break
    open.set(over, true)
    row = store.get(over)
  }
  return open
}
