import type { KpiKey } from '../../words/kpis'

/** Which number is opened, of which figure, and what it was when it was seen. */
export type RowsSearch = { address: string; figure?: KpiKey; seen?: number; row?: string }

/** Reads an address that anybody may have written: what it says wrongly does not count. */
export function readRowsSearch(search: Record<string, unknown>): RowsSearch {
  return {
    address: search.address === undefined ? '' : String(search.address),
    ...(typeof search.figure === 'string' ? { figure: search.figure as KpiKey } : {}),
    ...(typeof search.seen === 'number' ? { seen: search.seen } : {}),
    ...(typeof search.row === 'string' ? { row: search.row } : {}),
  }
}
