import { read } from '../../api/client'
import { useFresh } from '../../app/useFresh'
import { type RowDetails, RowDetailsQuery } from './panelDocuments'
import type { TreeRow } from './rows'
import { type TreeStore, useTouches } from './useTree'

/** What a row does not show, read again when the row, a comment or a link changes. Null: not known yet. */
export function useRowDetails(store: TreeStore, { id, version }: TreeRow): RowDetails | null {
  const touches = useTouches(store)
  return useFresh(id, async () => detailsOf((await read(RowDetailsQuery, { id })).node), `${version} ${touches}`)
}

function detailsOf(node: { __typename: string } | RowDetails | null): RowDetails | null {
  return node && 'comments' in node ? node : null
}
