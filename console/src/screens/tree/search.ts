import { readShown } from '../action/address'

const TABS = ['history', 'comments', 'work'] as const

/** What the panel of a row shows. */
export type PanelTab = (typeof TABS)[number]

/** What the tree shows beside its rows, as its address says it: the row with the focus, and an action or a preview. */
export type TreeSearch = { row?: string; tab?: PanelTab; action?: string }

export function readTreeSearch({ row, tab, action }: Record<string, unknown>): TreeSearch {
  const known = TABS.find((one) => one === tab)
  return {
    ...(known ? { tab: known } : {}),
    ...(typeof row === 'string' ? { row } : {}),
    ...(typeof action === 'string' && readShown(action) ? { action } : {}),
  }
}
