import { createContext, useContext } from 'react'
import type { TaskChange, TicketChange } from './changes'
import type { Sum, TaskRow, TicketRow } from './rows'
import type { TreeStore } from './useTree'

/** What the cells of the tree share. */
export type TreeParts = {
  store: TreeStore
  sums: ReadonlyMap<string, Sum>
  mayWrite: boolean
  change: (task: TaskRow, change: TaskChange) => void
  changeTicket: (ticket: TicketRow, change: TicketChange) => void
  toggle: (id: string, open: boolean) => void
}

export const TreeContext = createContext<TreeParts | null>(null)

export function useTreeParts(): TreeParts {
  const parts = useContext(TreeContext)
  if (!parts) throw new Error('Only cells of the tree ask for its parts.')
  return parts
}
