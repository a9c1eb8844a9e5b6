import { expect, test } from 'vitest'
import { filterOf, periodOf, readBoardSearch } from './search'

test('an address without parameters shows the last thirty days of everything, by day', () => {
  expect(periodOf(readBoardSearch({}))).toEqual({ lastDays: 30, interval: 'DAY' })
  expect(filterOf(readBoardSearch({}))).toEqual({})
})

test('a period of its own stands before a number of days', () => {
  const search = readBoardSearch({ days: 7, from: '2026-10-01', to: '2026-12-01' })

  expect(periodOf(search)).toEqual({ from: '2026-10-01', to: '2026-12-01', interval: 'WEEK' })
})

test('each filter becomes a condition', () => {
  expect(filterOf(readBoardSearch({ kit: 'kit_1', operator: 'opr_1' }))).toEqual({
    kitId: { eq: 'kit_1' },
    operatorId: { eq: 'opr_1' },
  })
})

test.each([
  [{ days: 12 }, 'a period that is not offered'],
  [{ from: '2026-12-01', to: '2026-10-01' }, 'an end before the beginning'],
  [{ from: 'yesterday', to: '2026-10-01' }, 'no day'],
  [{ from: '2020-01-01', to: '2026-10-01' }, 'a period that is too long'],
  [{ kit: 7, wall: 'yes' }, 'values of other types'],
])('what an address says wrongly does not count: %j, %s', (search: Record<string, unknown>, _why) => {
  expect(readBoardSearch(search)).toEqual({})
})
