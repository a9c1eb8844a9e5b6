import { expect, test, vi } from 'vitest'
import { RowStore } from './rowStore'

type Task = { id: string; version: number; status: string; late?: boolean }

const task = (id: string, version: number, status = 'TODO'): Task => ({ id, version, status })

function filled(...rows: Task[]) {
  const store = new RowStore<Task>()
  store.fill(rows, 10)
  return store
}

test('a row of a lower seq changes nothing', () => {
  const store = filled(task('a', 3, 'DONE'))

  store.put([task('a', 3, 'TODO')], 9)

  expect(store.get('a')?.status).toBe('DONE')
})

test('a row of an older version changes nothing, whatever its seq', () => {
  const store = filled(task('a', 3, 'DONE'))

  store.put([task('a', 2, 'TODO')], 11)

  expect(store.get('a')?.status).toBe('DONE')
})

test('the answer of a mutation and the item of the feed make the same store in either order', () => {
  const answer = task('a', 4, 'DONE')
  const [one, other] = [filled(task('a', 3)), filled(task('a', 3))]

  one.put([answer], 11)
  one.put([{ ...answer }], 11)
  other.put([{ ...answer }], 11)
  other.put([answer], 11)

  expect([...one.rows()]).toEqual([...other.rows()])
})

test('only the component of a changed row is woken', () => {
  const store = filled(task('a', 1), task('b', 1))
  const [ofA, ofB, ofAny] = [vi.fn(), vi.fn(), vi.fn()]
  store.subscribe('a', ofA)
  store.subscribe('b', ofB)
  store.subscribeAny(ofAny)

  store.put([task('a', 2, 'DONE'), task('b', 1)], 11)

  expect([ofA.mock.calls.length, ofB.mock.calls.length, ofAny.mock.calls.length]).toEqual([1, 0, 1])
})

test('a row that stays the same stays the same object', () => {
  const store = filled(task('a', 1))
  const before = store.get('a')

  store.put([task('a', 1)], 12)

  expect(store.get('a')).toBe(before)
})

test('a wish lies over the row until it is taken away', () => {
  const store = filled(task('a', 1))

  const takeAway = store.overlay('a', { status: 'DONE' })
  expect(store.get('a')?.status).toBe('DONE')

  store.put([{ ...task('a', 1), late: true }], 11)
  expect(store.get('a')).toMatchObject({ status: 'DONE', late: true })

  takeAway()
  expect(store.get('a')?.status).toBe('TODO')
})

test('a wish does not bring back a row that is gone', () => {
  const store = filled(task('a', 1))

  const takeAway = store.overlay('a', { status: 'DONE' })
  store.drop('a', 11)
  takeAway()

  expect(store.get('a')).toBeUndefined()
})

test('a dropped row stays dropped for what was read before', () => {
  const store = filled(task('a', 1))

  store.drop('a', 12)
  store.put([task('a', 2)], 11)
  expect(store.get('a')).toBeUndefined()

  store.put([task('a', 3)], 13)
  expect(store.get('a')?.version).toBe(3)
})

test('filling anew drops what is no longer there, and keeps what is newer', () => {
  const store = filled(task('a', 1), task('b', 1))
  store.put([task('c', 1)], 20)

  store.fill([task('a', 1)], 15)

  expect([...store.rows()].map((row) => row.id)).toEqual(['a', 'c'])
})

test('the structure grows only when rows come or go', () => {
  const store = filled(task('a', 1))
  const before = store.structure()

  store.put([task('a', 2, 'DONE')], 11)
  expect(store.structure()).toBe(before)

  store.put([task('b', 1)], 12)
  expect(store.structure()).toBeGreaterThan(before)
})

test('rows put in any order and more than once end as the newest of each', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    let state = seed
    const random = (below: number) => {
      state = (state * 48_271) % 2_147_483_647
      return state % below
    }
    const history = Array.from({ length: 30 }, (_, at) => ({
      row: task(`t${random(4)}`, at + 1, `s${at}`),
      seq: at + 1,
    }))
    const newest = new Map(history.map(({ row }) => [row.id, row]))
    const store = new RowStore<Task>()

    const shuffled = [...history, ...history].sort(() => random(3) - 1)
    for (const { row, seq } of shuffled) store.put([row], seq)

    for (const [id, row] of newest) expect(store.get(id)).toEqual(row)
  }
})
