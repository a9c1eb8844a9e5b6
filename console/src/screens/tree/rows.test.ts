import { expect, test } from 'vitest'
import {
  branchesOf,
  headerOf,
  linesOf,
  type MilestoneRow,
  startsOpen,
  sumsOf,
  type TaskRow,
  type TicketRow,
  type TreeRow,
} from './rows'

const giulia = { id: 'opr_1', name: 'Giulia Moretti' }

const ticket = (id: string, more: Partial<TicketRow> = {}): TicketRow => ({
  kind: 'ticket',
  version: 1,
  parentId: 'root',
  code: id,
  title: id,
  status: 'OPEN',
  priority: 'MEDIUM',
  sla: null,
  dueOn: '2026-12-10',
  deliveryProgress: null,
  owner: giulia,
  opportunityId: null,
  opportunityCrmId: null,
  crmUrl: null,
  ...more,
  id,
})

const milestone = (id: string, ticketId: string, more: Partial<MilestoneRow> = {}): MilestoneRow => ({
  kind: 'milestone',
  version: 1,
  ticketId,
  position: 1,
  title: id,
  status: 'IN_PROGRESS',
  taskCount: 0,
  finishedTaskCount: 0,
  blocked: false,
  sla: null,
  dueOn: '2026-12-10',
  activityCrmId: null,
  crmUrl: null,
  ...more,
  id,
})

const task = (id: string, milestoneId: string, more: Partial<TaskRow> = {}): TaskRow => ({
  kind: 'task',
  version: 1,
  milestoneId,
  position: 1,
  title: id,
  status: 'TODO',
  mandatory: true,
  blocked: false,
  sla: null,
  dueOn: '2026-12-10',
  assignee: giulia,
  ...more,
  id,
})

const rows: TreeRow[] = [
  task('t2', 'm1', { position: 2, dueOn: '2026-12-04' }),
  task('t1', 'm1', { status: 'DONE' }),
  milestone('m1', 'root'),
  ticket('C2'),
  ticket('C1'),
  ticket('root', { parentId: null }),
  milestone('m3', 'C1', { position: 2, blocked: true, status: 'PLANNED' }),
  milestone('m2', 'C1', { status: 'COMPLETED' }),
  task('t3', 'm2', { status: 'DONE' }),
  task('t4', 'm3', { sla: 'RED', status: 'IN_PROGRESS', dueOn: '2026-12-01' }),
  task('t5', 'm3', { position: 2, status: 'SKIPPED', mandatory: false }),
]

function branches() {
  const found = branchesOf(rows, 'root')
  if (!found) throw new Error('The root is there.')
  return found
}

const keys = (lines: { key: string; level: number }[]) => lines.map(({ key, level }) => `${level} ${key}`)

test('the tree reads from the top, each level in its order', () => {
  const lines = linesOf(branches(), () => true, new Set())

  expect(keys(lines)).toEqual(['1 m1', '2 t1', '2 t2', '1 C1', '2 m2', '3 t3', '2 m3', '3 t4', '3 t5', '1 C2'])
})

test('children stand in the order of their lines', () => {
  const codes = ['TCK-CLB-1-04', 'TCK-T50-1-01', 'TCK-F40-1-10']
  const found = branchesOf([ticket('root'), ...codes.map((code) => ticket(code))], 'root')

  expect(found?.children.map((child) => child.code)).toEqual(['TCK-T50-1-01', 'TCK-CLB-1-04', 'TCK-F40-1-10'])
})

test('what is completed starts folded', () => {
  const lines = linesOf(branches(), startsOpen, new Set())

  expect(keys(lines)).toEqual(['1 m1', '2 t1', '2 t2', '1 C1', '2 m2', '2 m3', '3 t4', '3 t5', '1 C2'])
})

test('only what has something under it can be folded', () => {
  const lines = linesOf(branches(), () => true, new Set())

  expect(lines.filter((line) => line.expanded === undefined).map((line) => line.key)).toEqual([
    't1',
    't2',
    't3',
    't4',
    't5',
    'C2',
  ])
})

test('an answer stands under its row', () => {
  const lines = linesOf(branches(), () => true, new Set(['t1']))

  expect(keys(lines).slice(0, 4)).toEqual(['1 m1', '2 t1', '3 t1:note', '2 t2'])
})

test('lateness adds up, and skipped tasks do not count', () => {
  expect(sumsOf(branches()).get('C1')).toEqual({ done: 1, total: 2, late: 1 })
})

test('the header counts the tree and names what is due first', () => {
  const { counts, next } = headerOf(branches())

  expect(counts).toEqual({ done: 2, inProgress: 1, toDo: 1, late: 1, blocked: 1 })
  expect(next?.id).toBe('t4')
})

test('a tree without its root is not shown', () => {
  expect(branchesOf(rows, 'other')).toBeNull()
})
