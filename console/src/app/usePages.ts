import { useCallback, useEffect, useRef, useState } from 'react'
import { RequestFailed } from '../api/client'
import { useConnection } from './connection'
import { type Topic, useChanges } from './work'

type Page<Node> = {
  nodes: readonly Node[]
  totalCount?: number | undefined
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

/** What is asked for: so many entries after the cursor, and the length of the whole list where nobody knows it yet. */
export type PageRequest = { first: number; after: string | null; count: boolean }

export type Pages<Node> = { key: string; nodes: readonly Node[]; total: number; after: string | null }

const PAGE = 50
const LONGEST_PAGE = 100

// The way back to a list shows it as it was, at once, while it is read again.
const kept = new Map<string, Pages<{ id: string }>>()
const MOST_KEPT = 20

/**
 * A list page by page, under a key that says which list it is. It is read again when somebody comes back to the window,
 * when the socket comes back, and when the hub says that lists of its topic changed. Without a key nothing is read.
 */
export function usePages<Node extends { id: string }>(
  key: string | null,
  readPage: (request: PageRequest) => Promise<Page<Node>>,
  topic?: Topic | 'ANY',
) {
  const [pages, setPages] = useState(() => before<Node>(key))
  const [error, setError] = useState<RequestFailed>()
  const [reading, setReading] = useState(true)
  const { epoch } = useConnection()
  const run = useRef(0)
  const ask = useRef(readPage)
  ask.current = readPage

  const show = useCallback((next: Pages<Node>) => {
    kept.delete(next.key)
    kept.set(next.key, next)
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
    setPages(next)
    setError(undefined)
  }, [])

  /** Runs one reading; a later one makes it worthless. */
  const reader = useCallback(
    async (work: () => Promise<Pages<Node>>) => {
      const mine = ++run.current
      setReading(true)
      try {
        const next = await work()
        if (mine === run.current) show(next)
      } catch (failure) {
        if (!(failure instanceof RequestFailed)) throw failure
        if (mine === run.current) setError(failure)
      } finally {
        if (mine === run.current) setReading(false)
      }
    },
    [show],
  )

  const readAgain = useCallback(async () => {
    if (key === null) return
    const known = kept.get(key)?.nodes.length ?? 0
    await reader(async () => ({ key, ...(await readFirst(ask.current, Math.max(PAGE, known))) }))
  }, [key, reader])

  // biome-ignore lint/correctness/useExhaustiveDependencies: an epoch begins when the socket comes back.
  useEffect(() => {
    setPages((shown) => before<Node>(key) ?? shown)
    void readAgain()
    return () => {
      run.current += 1
    }
  }, [readAgain, epoch])

  const ifSeen = useCallback(() => {
    if (document.visibilityState === 'visible') void readAgain()
  }, [readAgain])

  useChanges(topic, ifSeen)
  useEffect(() => {
    document.addEventListener('visibilitychange', ifSeen)
    return () => document.removeEventListener('visibilitychange', ifSeen)
  }, [ifSeen])

  const more = useCallback(() => {
    if (!pages?.after || reading || pages.key !== key) return
    void reader(async () => {
      const page = await ask.current({ first: PAGE, after: pages.after, count: false })
      const known = new Set(pages.nodes.map((node) => node.id))
      const added = page.nodes.filter((node) => !known.has(node.id))
      return { ...pages, nodes: [...pages.nodes, ...added], after: cursorOf(page) }
    })
  }, [pages, reading, key, reader])

  return { pages, isOf: pages?.key === key, error, more, readAgain }
}

function before<Node>(key: string | null): Pages<Node> | undefined {
  return key === null ? undefined : (kept.get(key) as Pages<Node & { id: string }> | undefined)
}

async function readFirst<Node>(readPage: (request: PageRequest) => Promise<Page<Node>>, count: number) {
  const nodes: Node[] = []
  let total = 0
  let after: string | null = null
  do {
    const first = Math.min(count - nodes.length, LONGEST_PAGE)
    const page: Page<Node> = await readPage({ first, after, count: after === null })
    nodes.push(...page.nodes)
    total = page.totalCount ?? total
    after = cursorOf(page)
  } while (after && nodes.length < count)
  return { nodes, total, after }
}

function cursorOf({ pageInfo }: Page<unknown>): string | null {
  return pageInfo.hasNextPage ? pageInfo.endCursor : null
}
