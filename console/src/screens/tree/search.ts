import { readShown } from '../action/address'

/** What the tree shows beside its rows, as its address says it: the row with the focus, and an action or a preview. */
export type TreeSearch = { row?: string; action?: string }

export function readTreeSearch({ row, action }: Record<string, unknown>): TreeSearch {
  return {
    ...(typeof row === 'string' ? { row } : {}),
    ...(typeof action === 'string' && readShown(action) ? { action } : {}),
  }
}
