import { expect, test } from 'vitest'
import type { ListedItem, ListedTask } from './documents'
import { fridayAfter, itemLine, spanOf, taskLines, withRead } from './lines'
import { piecesOf } from './Marked'

const task = (id: string, dueOn: string) => ({ id, dueOn }) as ListedTask
const item = (id: string) => ({ id }) as ListedItem
const written = (lines: readonly { key: string }[]) => lines.map(({ key }) => key)

test.each([
  ['2026-12-03', '2026-12-11', 'a Thursday'],
  ['2026-11-30', '2026-12-04', 'a Monday'],
  ['2026-12-01', '2026-12-04', 'a Tuesday'],
  ['2026-12-02', '2026-12-11', 'a Wednesday'],
  ['2026-12-05', '2026-12-11', 'a Saturday'],
])('from %s a week of work ends on %s: %s', (today, friday) => {
  expect(fridayAfter(today)).toBe(friday)
})

test('a day belongs to what is late, to today, to this week or to later', () => {
  const spans = ['2026-12-02', '2026-12-03', '2026-12-11', '2026-12-12'].map((day) => spanOf(day, '2026-12-03'))

  expect(spans).toEqual(['late', 'today', 'week', 'later'])
})

test('tasks stand under headings, and the last one counts only a list that is whole', () => {
  const tasks = [task('a', '2026-12-01'), task('b', '2026-12-02'), task('c', '2026-12-20')]
  const lines = taskLines(tasks, '2026-12-03', false, new Set(['b']))

  expect(written(lines)).toEqual([':late', 'a', 'b', 'b:note', ':later', 'c'])
  expect(lines.flatMap((line) => (line.is === 'heading' ? [line.count] : []))).toEqual([2, null])
})

test('what is being read keeps its place when somebody settled it', () => {
  const [first, second, third] = [itemLine(item('1')), itemLine(item('2')), itemLine(item('3'))]
  const read = { line: second, at: 1 }

  expect(written(withRead([first, third], read))).toEqual(['1', '2', '3'])
  expect(withRead([first, third], read)[1]).toMatchObject({ settled: true })
  expect(withRead([first, second], read)[1]).toMatchObject({ settled: false })
})

test('marks count characters as Unicode does', () => {
  const mark = { source: 'TITLE', start: 3, end: 6, kind: 'KIT', kitCode: null } as const

  expect(piecesOf('🎉è SOD.', [mark]).map(({ text, mark }) => [text, mark !== null])).toEqual([
    ['🎉è ', false],
    ['SOD', true],
    ['.', false],
  ])
})
