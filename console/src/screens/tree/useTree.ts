import { stringifyDocument } from '@urql/core'
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { RequestFailed, read } from '../../api/client'
import type { ResultOf } from '../../api/graphql'
import { socket } from '../../api/socket'
import { RowStore } from '../../live/rowStore'
import { TreeFeed, type TreePorts } from '../../live/treeFeed'
import { type ReadTree, TreeEvents, TreeQuery } from './documents'
import { rowsOfItem, rowsOfTree, type TreeHead, type TreeRow } from './rows'
import type { ReadAnswer } from './taskMutations'

export type TreeStore = RowStore<TreeRow>

/** Puts what a change answered under its place in the log: the live feed brings the same, before or after. */
export function takeAnswer(store: TreeStore, { treeSeq, changed }: Pick<ReadAnswer, 'treeSeq' | 'changed'>) {
  if (changed && treeSeq !== null) store.put(rowsOfItem(changed), treeSeq)
}

export type OpenTree = { head: TreeHead; store: TreeStore; readAgain: () => Promise<void> }

export type TreeState =
  | { is: 'loading' }
  | { is: 'failed'; error: RequestFailed }
  | { is: 'absent' }
  | { is: 'child'; childId: string; parentCode: string }
  | ({ is: 'open' } & OpenTree)

/** The whole tree of a parent ticket, live for as long as it is on the screen. */
export function useTree(code: string): { tree: TreeState; again: () => void } {
  const [tree, setTree] = useState<TreeState>({ is: 'loading' })
  const [run, setRun] = useState(0)
  const feed = useRef<TreeFeed<TreeRow> | undefined>(undefined)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a run is another try.
  useEffect(() => {
    let wanted = true
    setTree({ is: 'loading' })
    openTree(code, (head) => {
      if (wanted) setTree((before) => (before.is === 'open' ? { ...before, head } : before))
    }).then(
      (opened) => {
        if (!wanted) {
          opened.feed?.end()
          return
        }
        feed.current = opened.feed
        setTree(opened.state)
      },
      (error) => wanted && error instanceof RequestFailed && setTree({ is: 'failed', error }),
    )
    return () => {
      wanted = false
      feed.current?.end()
      feed.current = undefined
    }
  }, [code, run])

  return { tree, again: useCallback(() => setRun((before) => before + 1), []) }
}

async function openTree(
  code: string,
  onHead: (head: TreeHead) => void,
): Promise<{ state: TreeState; feed?: TreeFeed<TreeRow> }> {
  const { ticket } = await read(TreeQuery, { code })
  if (!ticket) return { state: { is: 'absent' } }
  if (ticket.parent) return { state: { is: 'child', childId: ticket.id, parentCode: ticket.parent.code } }
  const store: TreeStore = new RowStore()
  const feed = new TreeFeed(store, portsOf(ticket, code, onHead))
  feed.begin(placed(ticket))
  return { state: { is: 'open', head: ticket, store, readAgain: () => feed.readAgain() }, feed }
}

function placed(tree: ReadTree) {
  return { rows: rowsOfTree(tree), seq: tree.treeSeq, cursor: tree.treeCursor }
}

function portsOf(opened: ReadTree, code: string, onHead: (head: TreeHead) => void): TreePorts<TreeRow> {
  let { opportunities } = opened
  return {
    async readTree() {
      const { ticket } = await read(TreeQuery, { code })
      if (!ticket) throw new Error(`${code} is gone`)
      opportunities = ticket.opportunities
      onHead(ticket)
      return placed(ticket)
    },
    listen(after, onItem, onEnd) {
      // Read at each subscription, also at those after an interruption: nothing is missed and nothing comes twice.
      const variables = {
        ticketId: opened.id,
        get after() {
          return after()
        },
      }
      return socket().subscribe<ResultOf<typeof TreeEvents>>(
        { query: stringifyDocument(TreeEvents), variables },
        {
          next: ({ data }) => {
            if (!data) return
            const { rows, ...item } = data.ticketEvents
            const isNew = (id: string) => opportunities.every((one) => one.id !== id)
            onItem({
              ...item,
              rows: rowsOfItem(rows),
              beside: rows.opportunities.some(({ id }) => isNew(id)),
              touched: rows.comments.length + rows.links.length + item.removedIds.length > 0,
            })
          },
          error: onEnd,
          complete: onEnd,
        },
      )
    },
  }
}

export function useRow(store: TreeStore, id: string): TreeRow | undefined {
  const subscribe = useCallback((listener: () => void) => store.subscribe(id, listener), [store, id])
  return useSyncExternalStore(subscribe, () => store.get(id))
}

/** Draws again with every change of the store. */
export function useAnyChange(store: TreeStore): number {
  return useSyncExternalStore(store.subscribeAny, store.changes)
}

/** Grows when comments or links of the tree change. */
export function useTouches(store: TreeStore): number {
  return useSyncExternalStore(store.subscribeAny, store.touches)
}
