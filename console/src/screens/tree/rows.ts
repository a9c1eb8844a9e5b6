import type { Light, MilestoneStatus, Priority, TaskStatus, TicketStatus } from '../../words/status'
import type { ReadMilestone, ReadRows, ReadTask, ReadTicket, ReadTree, ReadWork } from './documents'

export type Person = { id: string; name: string }

export type TicketRow = {
  kind: 'ticket'
  id: string
  version: number
  parentId: string | null
  code: string
  title: string
  status: TicketStatus
  priority: Priority
  sla: Light | null
  dueOn: string
  deliveryProgress: number | null
  owner: Person
  opportunityId: string | null
  opportunityCrmId: string | null
  crmUrl: string | null
}

export type MilestoneRow = {
  kind: 'milestone'
  id: string
  version: number
  ticketId: string
  position: number
  title: string
  status: MilestoneStatus
  taskCount: number
  finishedTaskCount: number
  blocked: boolean
  sla: Light | null
  dueOn: string
  activityCrmId: string | null
  crmUrl: string | null
}

export type TaskRow = {
  kind: 'task'
  id: string
  version: number
  milestoneId: string
  position: number
  title: string
  status: TaskStatus
  mandatory: boolean
  blocked: boolean
  sla: Light | null
  dueOn: string
  assignee: Person
}

export type TreeRow = TicketRow | MilestoneRow | TaskRow

/** What the page shows of the parent beside the tree's rows. */
export type TreeHead = Pick<ReadTree, 'id' | 'code' | 'company' | 'kit' | 'sourceActivity' | 'lines' | 'opportunities'>

export function rowsOfTree(tree: ReadTree): TreeRow[] {
  return [tree, ...tree.children].flatMap(rowsOfWork)
}

function rowsOfWork(ticket: ReadWork): TreeRow[] {
  const milestones = ticket.milestones.flatMap((one) => [milestoneRow(one), ...one.tasks.map(taskRow)])
  return [ticketRow(ticket), ...milestones]
}

/** The rows of a live item, which come by their types. */
export function rowsOfItem({ tickets, milestones, tasks }: ReadRows): TreeRow[] {
  return [...tickets.map(ticketRow), ...milestones.map(milestoneRow), ...tasks.map(taskRow)]
}

export function ticketRow(ticket: ReadTicket): TicketRow {
  const { id, version, code, status, priority, sla, dueOn, deliveryProgress, owner } = ticket
  // A child's title repeats the company, which the page says already.
  const title = ticket.service?.name ?? ticket.title
  return {
    kind: 'ticket',
    ...{ id, version, code, title, status, priority, sla, dueOn, deliveryProgress, owner },
    parentId: ticket.parent?.id ?? null,
    opportunityId: ticket.opportunity?.id ?? null,
    opportunityCrmId: ticket.opportunity?.crmId ?? null,
    crmUrl: ticket.opportunity?.crmUrl ?? null,
  }
}

function milestoneRow(milestone: ReadMilestone): MilestoneRow {
  const { id, version, position, title, status, taskCount, finishedTaskCount, blocked, sla, dueOn } = milestone
  return {
    kind: 'milestone',
    ...{ id, version, position, title, status, taskCount, finishedTaskCount, blocked, sla, dueOn },
    ticketId: milestone.ticket.id,
    activityCrmId: milestone.crmActivity?.crmId ?? null,
    crmUrl: milestone.crmActivity?.crmUrl ?? null,
  }
}

export function taskRow(task: ReadTask): TaskRow {
  const { id, version, position, title, status, mandatory, blocked, sla, dueOn, assignee, milestone } = task
  return {
    kind: 'task',
    ...{ id, version, position, title, status, mandatory, blocked, sla, dueOn, assignee },
    milestoneId: milestone.id,
  }
}

export function isFinished(task: TaskRow): boolean {
  return task.status === 'DONE' || task.status === 'SKIPPED'
}

export function isLate(row: { sla: Light | null }): boolean {
  return row.sla === 'ORANGE' || row.sla === 'RED'
}

/** The tree's rows by what they hang under, each level in its order. */
export type Branches = {
  root: TicketRow
  children: readonly TicketRow[]
  milestones: ReadonlyMap<string, readonly MilestoneRow[]>
  tasks: ReadonlyMap<string, readonly TaskRow[]>
}

export function branchesOf(rows: Iterable<TreeRow>, rootId: string): Branches | null {
  const children: TicketRow[] = []
  const milestones = new Map<string, MilestoneRow[]>()
  const tasks = new Map<string, TaskRow[]>()
  let root: TicketRow | null = null
  for (const row of rows) {
    if (row.kind === 'task') push(tasks, row.milestoneId, row)
    else if (row.kind === 'milestone') push(milestones, row.ticketId, row)
    else if (row.id === rootId) root = row
    else children.push(row)
  }
  if (!root) return null
  // A code ends with the number of its line.
  children.sort((one, other) => lineOf(one) - lineOf(other) || one.code.localeCompare(other.code))
  for (const list of [...milestones.values(), ...tasks.values()])
    list.sort((one, other) => one.position - other.position)
  return { root, children, milestones, tasks }
}

function lineOf({ code }: TicketRow): number {
  return Number(code.slice(code.lastIndexOf('-') + 1)) || 0
}

function push<Row>(lists: Map<string, Row[]>, key: string, row: Row) {
  const list = lists.get(key)
  if (list) list.push(row)
  else lists.set(key, [row])
}

/** One line of the tree as it is shown: a row, or what a change of it was answered. */
export type Line = { key: string; id: string; level: number; expanded: boolean | undefined; isNote: boolean }

/** The unfolded lines, from the top. What is in `notes` has a line of its own under its row. */
export function linesOf(branches: Branches, isOpen: (row: TreeRow) => boolean, notes: ReadonlySet<string>): Line[] {
  const lines: Line[] = []
  const add = (row: TreeRow, level: number, isBranch: boolean): boolean => {
    const expanded = isBranch ? isOpen(row) : undefined
    lines.push({ key: row.id, id: row.id, level, expanded, isNote: false })
    if (notes.has(row.id))
      lines.push({ key: `${row.id}:note`, id: row.id, level: level + 1, expanded: undefined, isNote: true })
    return expanded ?? false
  }
  const addMilestones = (ticketId: string, level: number) => {
    for (const milestone of branches.milestones.get(ticketId) ?? []) {
      const tasks = branches.tasks.get(milestone.id) ?? []
      if (!add(milestone, level, tasks.length > 0)) continue
      for (const task of tasks) add(task, level + 1, false)
    }
  }
  addMilestones(branches.root.id, 1)
  for (const child of branches.children) {
    if (add(child, 1, branches.milestones.has(child.id))) addMilestones(child.id, 2)
  }
  return lines
}

/** Sums over what hangs under each ticket and milestone; cancelled milestones and skipped tasks do not count. */
export type Sum = { done: number; total: number; late: number }

export function sumsOf(branches: Branches): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  for (const ticket of [branches.root, ...branches.children]) {
    const whole: Sum = { done: 0, total: 0, late: 0 }
    for (const milestone of branches.milestones.get(ticket.id) ?? []) {
      const sum: Sum = { done: 0, total: 0, late: 0 }
      for (const task of branches.tasks.get(milestone.id) ?? []) {
        if (isLate(task)) sum.late += 1
        if (task.status === 'SKIPPED') continue
        sum.total += 1
        if (task.status === 'DONE') sum.done += 1
      }
      sums.set(milestone.id, sum)
      if (milestone.status === 'CANCELLED') continue
      whole.done += sum.done
      whole.total += sum.total
      whole.late += sum.late
    }
    sums.set(ticket.id, whole)
  }
  return sums
}

export type Counts = { done: number; inProgress: number; toDo: number; late: number; blocked: number }

/** What the header says of the whole tree, and the unfinished task that is due first. */
export function headerOf(branches: Branches): { counts: Counts; next: TaskRow | null } {
  const counts: Counts = { done: 0, inProgress: 0, toDo: 0, late: 0, blocked: 0 }
  let next: TaskRow | null = null
  for (const milestones of branches.milestones.values()) {
    for (const milestone of milestones) {
      if (milestone.status === 'CANCELLED') continue
      if (milestone.blocked && milestone.status !== 'COMPLETED') counts.blocked += 1
      for (const task of branches.tasks.get(milestone.id) ?? []) {
        if (task.status === 'DONE') counts.done += 1
        else if (task.status === 'IN_PROGRESS') counts.inProgress += 1
        else if (task.status === 'TODO') counts.toDo += 1
        if (isLate(task)) counts.late += 1
        if (!isFinished(task) && (!next || task.dueOn < next.dueOn)) next = task
      }
    }
  }
  return { counts, next }
}

/** Whether a row is unfolded until somebody decides: what is completed starts folded. */
export function startsOpen(row: TreeRow): boolean {
  if (row.kind === 'milestone') return row.status !== 'COMPLETED' && row.status !== 'CANCELLED'
  return row.kind === 'ticket' && row.status !== 'CANCELLED'
}
