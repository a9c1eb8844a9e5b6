import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readSearch, sameList, variablesOf } from './search'

beforeEach(() => {
  vi.useFakeTimers()
  vi.setSystemTime(new Date('2026-12-03T10:00:00'))
})
afterEach(() => void vi.useRealTimers())

test('an address without parameters shows parent tickets by due date', () => {
  expect(variablesOf(readSearch({}), 'opr_1')).toEqual({ filter: { kind: { eq: 'PARENT' } }, orderBy: 'DUE_ON_ASC' })
})

test('each parameter becomes a condition', () => {
  const search = readSearch({
    text: ' bremb ',
    kind: 'ALL',
    state: 'CLOSED',
    owner: 'me',
    kit: 'kit_1',
    sort: '-closed',
  })

  expect(variablesOf(search, 'opr_1')).toEqual({
    filter: { text: 'bremb', status: { eq: 'CLOSED' }, ownerId: { eq: 'opr_1' }, kitId: { eq: 'kit_1' } },
    orderBy: 'CLOSED_AT_DESC',
  })
})

test('late means open and due before today', () => {
  expect(variablesOf(readSearch({ late: true }), null).filter).toMatchObject({
    status: { in: ['OPEN', 'IN_PROGRESS'] },
    dueOn: { lt: '2026-12-03' },
  })
})

test('what an address says wrongly does not count', () => {
  expect(readSearch({ kind: 'X', state: 7, owner: '', late: 'yes', sort: {}, other: 1 })).toEqual({})
})

test('the row with the focus does not make another list', () => {
  expect(sameList(readSearch({ late: true, row: 'TCK-1' }), readSearch({ late: true }))).toBe(true)
  expect(sameList(readSearch({ late: true }), readSearch({}))).toBe(false)
})
