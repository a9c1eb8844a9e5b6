import { expect, test } from 'vitest'
import type { ProgressItem, ReadAction, ReadItem } from './documents'
import { withItem } from './progress'

const item = (id: string, position: number, more: Partial<ReadItem> = {}) =>
  ({ id, position, state: 'PENDING', outcome: null, ...more }) as ReadItem

const action = (nodes: ReadItem[], more: object = {}) =>
  ({ id: 'axn_1', status: 'RUNNING', finishedCount: 0, items: { nodes }, ...more }) as unknown as ReadAction

const told = (more: object) =>
  ({ state: 'CHANGE', cursor: 'c2', more: false, items: [], ...more }) as unknown as ProgressItem

test('a change takes the place of what was known of its effects, in their order', () => {
  const before = { action: action([item('a', 1), item('b', 2)]), cursor: 'c1' }

  const after = withItem(
    before,
    told({
      action: { id: 'axn_1', status: 'RUNNING', finishedCount: 1 },
      items: [item('c', 0), item('b', 2, { outcome: 'CREATED' })],
    }),
  )

  expect(after.action.items.nodes.map(({ id, outcome }) => [id, outcome])).toEqual([
    ['c', null],
    ['a', null],
    ['b', 'CREATED'],
  ])
  expect(after.action.finishedCount).toBe(1)
  expect(after.cursor).toBe('c2')
})

test('a snapshot in parts is resumed only behind its last part', () => {
  const before = { action: action([]), cursor: undefined }
  const part = told({ action: { id: 'axn_1', status: 'RUNNING' }, items: [item('a', 1)], more: true })

  expect(withItem(before, part).cursor).toBeUndefined()
  expect(withItem(before, { ...part, more: false }).cursor).toBe('c2')
})

test('the end of an action comes with its last item', () => {
  const before = { action: action([item('a', 1)]), cursor: 'c1' }
  const last = told({ action: { id: 'axn_1', status: 'COMPLETED' }, items: [item('a', 1, { outcome: 'CREATED' })] })

  expect(withItem(before, last).action.status).toBe('COMPLETED')
})
