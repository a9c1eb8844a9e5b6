import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RowStore } from './rowStore'
import { type FeedItem, TreeFeed } from './treeFeed'

type Row = { id: string; version: number }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A hub of which the tests hold both ends: the tree that it holds, and what it says to whoever listens. */
function hub() {
  type Listener = {
    after: () => string | undefined
    onItem: (item: FeedItem<Row>) => void
    onEnd: () => void
    ended: boolean
  }
  const listeners: Listener[] = []
  const source = {
    tree: { rows: [{ id: 'a', version: 1 }] as Row[], seq: 10, cursor: 'c10' },
    reads: 0,
    reachable: true,
    listeners,
    say(item: Partial<FeedItem<Row>>) {
      const said = {
        state: 'CHANGE',
        seq: 11,
        cursor: 'c11',
        today: '2026-11-30',
        more: false,
        beside: false,
        touched: false,
      } as const
      listeners.at(-1)?.onItem({ ...said, rows: [], removedIds: [], ...item })
    },
    ports: {
      readTree: async () => {
        source.reads += 1
        if (!source.reachable) throw new Error('away')
        return source.tree
      },
      listen: (after: () => string | undefined, onItem: (item: FeedItem<Row>) => void, onEnd: () => void) => {
        const listener = { after, onItem, onEnd, ended: false }
        listeners.push(listener)
        return () => {
          listener.ended = true
        }
      },
    },
  }
  return source
}

function followed() {
  const store = new RowStore<Row>()
  const source = hub()
  const feed = new TreeFeed(store, source.ports)
  feed.begin(source.tree)
  return { store, source, feed }
}

test('the feed begins at the place of the tree that was read', () => {
  const { store, source } = followed()

  expect(store.seq).toBe(10)
  expect(source.listeners.map((listener) => listener.after())).toEqual(['c10'])
})

test('rows are put under the seq of their item, and dropped ones go', () => {
  const { store, source } = followed()

  source.say({ seq: 11, rows: [{ id: 'b', version: 1 }] })
  source.say({ seq: 12, rows: [{ id: 'b', version: 2 }], removedIds: ['a'] })

  expect([...store.rows()]).toEqual([{ id: 'b', version: 2 }])
  expect(source.reads).toBe(0)
})

test('a slow watcher subscribes again after its cursor', () => {
  const { source } = followed()
  source.say({ cursor: 'c11' })

  source.say({ state: 'LAGGED', cursor: 'c11' })

  expect(source.listeners.map((listener) => [listener.ended, listener.after()])).toEqual([
    [true, 'c11'],
    [false, 'c11'],
  ])
})

test('between the parts of a snapshot the cursor stays where it was', () => {
  const { source } = followed()

  source.say({ state: 'SNAPSHOT', seq: 20, cursor: 'c20', more: true })
  expect(source.listeners[0]?.after()).toBe('c10')

  source.say({ state: 'SNAPSHOT', seq: 20, cursor: 'c20', more: false })
  expect(source.listeners[0]?.after()).toBe('c20')
})

test('an expired cursor is forgotten: the tree is read again and followed from its own place', async () => {
  const { store, source } = followed()
  source.tree = { rows: [{ id: 'c', version: 1 }], seq: 30, cursor: 'c30' }

  source.say({ state: 'EXPIRED', cursor: 'c10' })
  await vi.runAllTimersAsync()

  expect([...store.rows()].map((row) => row.id)).toEqual(['c'])
  expect(source.listeners.at(-1)?.after()).toBe('c30')
})

test('an expired cursor at a hub that is away is forgotten as soon as the hub is back', async () => {
  const { source } = followed()
  source.reachable = false

  source.say({ state: 'EXPIRED', cursor: 'c10' })
  await vi.advanceTimersByTimeAsync(3_000)
  source.reachable = true
  source.tree = { rows: [], seq: 30, cursor: 'c30' }
  await vi.advanceTimersByTimeAsync(1_000)

  expect(source.listeners.at(-1)?.after()).toBe('c30')
})

test('a subscription that fails is begun again after its cursor', async () => {
  const { source } = followed()
  source.say({ cursor: 'c11' })

  source.listeners[0]?.onEnd()
  await vi.advanceTimersByTimeAsync(1_000)

  expect(source.listeners.map((listener) => listener.after())).toEqual(['c11', 'c11'])
})

test('on another day, and when something beside the rows changed, the tree is read again', async () => {
  const { store, source } = followed()
  source.tree = { rows: [{ id: 'a', version: 2 }], seq: 11, cursor: 'c11' }

  source.say({ state: 'ALIVE', today: '2026-11-30' })
  await vi.runAllTimersAsync()
  expect(source.reads).toBe(0)

  source.say({ state: 'ALIVE', today: '2026-12-01' })
  source.say({ beside: true, today: '2026-12-01' })
  await vi.runAllTimersAsync()
  expect(source.reads).toBe(2)
  expect(store.get('a')?.version).toBe(2)
})

test('after its end nothing reaches the store', async () => {
  const { store, source, feed } = followed()

  feed.end()
  source.say({ rows: [{ id: 'b', version: 1 }] })
  source.listeners[0]?.onEnd()
  await vi.runAllTimersAsync()

  expect(store.get('b')).toBeUndefined()
  expect(source.listeners.map((listener) => listener.ended)).toEqual([true])
})
