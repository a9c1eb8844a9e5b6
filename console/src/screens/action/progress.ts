import type { ProgressItem, ReadAction, ReadItem } from './documents'

const MOST = 100

/** An action as the panel shows it, and the place in its log up to which it was told. */
export type Progress = { action: ReadAction; cursor: string | undefined }

/** The action after one more item of its log: the item's effects take the place of what was known of them. */
export function withItem({ action }: Progress, { action: now, items, cursor, more }: ProgressItem): Progress {
  const known = new Map<string, ReadItem>(action.items.nodes.map((item) => [item.id, item]))
  for (const item of items) known.set(item.id, item)
  const nodes = [...known.values()].sort((one, other) => one.position - other.position).slice(0, MOST)
  // A snapshot is whole with its last part: only from there can it be resumed.
  return { action: { ...now, items: { ...action.items, nodes } }, cursor: more ? undefined : cursor }
}
