// What mercurius and Yoga read, with the statements that an experienced team would write: named, so that PostgreSQL
// plans them once a connection, and one for all rows of a level. How many rows a page has is a part of the statement:
// without that number, PostgreSQL plans for many and sorts the whole table.
import { readFileSync } from 'node:fs'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 })

export const schema = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')

const PROGRESS = 'finished_task_count::float8 / NULLIF(task_count, 0) AS progress'
const TICKET = `id, code, title, parent_id, created_at::text, ${PROGRESS}`

const STATEMENTS = {
  ticket: `SELECT ${TICKET} FROM ticket WHERE id = $1`,
  children: `SELECT ${TICKET} FROM ticket WHERE parent_id = ANY($1) ORDER BY position`,
  milestones: `SELECT id, title, status, ticket_id, ${PROGRESS} FROM milestone WHERE ticket_id = ANY($1) ORDER BY position`,
  tasks: 'SELECT id, title, status, milestone_id FROM task WHERE milestone_id = ANY($1) ORDER BY position',
  complete: `UPDATE task SET status = 'DONE', finished_at = now() WHERE id = $1 RETURNING id, title, status`
}

const TODAY = "(now() AT TIME ZONE 'Europe/Rome')::date"
const COUNTS = {
  'OPEN PARENTS': "ticket WHERE kind = 'PARENT' AND status IN ('OPEN', 'IN_PROGRESS')",
  'BACKLOG TASKS': "task WHERE status = 'TODO'",
  'IN_PROGRESS MILESTONES': "milestone WHERE status = 'IN_PROGRESS'",
  'LATE TASKS': `task WHERE status IN ('TODO', 'IN_PROGRESS') AND due_on < ${TODAY}`
}

async function rows (name, values, text = STATEMENTS[name]) {
  return (await pool.query({ name, text, values })).rows
}

async function groups (name, key, ids) {
  const found = new Map(ids.map(id => [id, []]))
  for (const row of await rows(name, [ids])) found.get(row[key]).push(row)
  return ids.map(id => found.get(id))
}

export const childrenOf = ids => groups('children', 'parent_id', ids)
export const milestonesOf = ids => groups('milestones', 'ticket_id', ids)
export const tasksOf = ids => groups('tasks', 'milestone_id', ids)

async function page (first, after, kind) {
  const values = [...(after ? JSON.parse(Buffer.from(after, 'base64')) : []), ...(kind ? [kind] : [])]
  const conditions = []
  if (after) conditions.push('(created_at, id) < ($1::timestamptz, $2)')
  if (kind) conditions.push(`kind = $${values.length}`)
  const where = conditions.length ? `WHERE ${conditions.join(' AND ')}` : ''
  const text = `SELECT ${TICKET} FROM ticket ${where} ORDER BY created_at DESC, id DESC LIMIT ${first + 1}`
  const found = await rows(`page of ${first}, after: ${Boolean(after)}, kind: ${Boolean(kind)}`, values, text)
  const nodes = found.slice(0, first)
  const last = nodes.at(-1)
  const endCursor = last ? Buffer.from(JSON.stringify([last.created_at, last.id])).toString('base64') : null
  return { nodes, pageInfo: { hasNextPage: found.length > first, endCursor } }
}

async function counts (figures) {
  const parts = figures.map(({ key, subject }) => `(SELECT count(*)::int FROM ${COUNTS[`${key} ${subject}`]})`)
  const { rows: [row] } = await pool.query({ text: `SELECT ${parts}`, rowMode: 'array' })
  return { figures: row.map(count => ({ measure: { count } })) }
}

export const roots = {
  Query: {
    ticket: async (_, { id }) => (await rows('ticket', [id]))[0] ?? null,
    tickets: (_, { first, after, filter }) => page(first, after, filter?.kind?.eq),
    kpis: (_, { figures }) => counts(figures)
  },
  Mutation: {
    completeTask: async (_, { taskId }) => ({ task: (await rows('complete', [taskId]))[0] ?? null })
  }
}
