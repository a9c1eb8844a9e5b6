import type { ListedAction, ListedItem, ListedTask } from './documents'

/** When something is due, as an operator plans: `week` ends with the Friday that is at least three days away. */
export type Span = 'late' | 'today' | 'week' | 'later'

/** One line of the list: a heading, or what it stands over. */
export type Line =
  | { is: 'heading'; key: string; of: Span | 'inbox'; count: number | null }
  | { is: 'item'; key: string; item: ListedItem; settled: boolean }
  | { is: 'task'; key: string; task: ListedTask }
  | { is: 'note'; key: string; taskId: string }
  | { is: 'action'; key: string; action: ListedAction; settled: boolean }

const SPANS: readonly Span[] = ['late', 'today', 'week', 'later']

export function spanOf(dueOn: string, today: string): Span {
  if (dueOn < today) return 'late'
  if (dueOn === today) return 'today'
  return dueOn <= fridayAfter(today) ? 'week' : 'later'
}

/** The Friday that a week of work ends with: the next one, or the one after where that is less than three days away. */
export function fridayAfter(today: string): string {
  const day = new Date(`${today}T12:00:00Z`)
  const away = (5 - day.getUTCDay() + 7) % 7
  day.setUTCDate(day.getUTCDate() + (away < 3 ? away + 7 : away))
  return day.toISOString().slice(0, 10)
}

/** Tasks under the span that they are due in. The last heading counts only where no more tasks follow. */
export function taskLines(
  tasks: readonly ListedTask[],
  today: string,
  isWhole: boolean,
  notes: ReadonlySet<string>,
): Line[] {
  const dueIn = (span: Span) => tasks.filter((task) => spanOf(task.dueOn, today) === span)
  const present = SPANS.filter((span) => dueIn(span).length > 0)
  return present.flatMap((span) => {
    const own = dueIn(span)
    const count = isWhole || span !== present.at(-1) ? own.length : null
    return [
      { is: 'heading', key: `:${span}`, of: span, count },
      ...own.flatMap((task): Line[] => [
        { is: 'task', key: task.id, task },
        ...(notes.has(task.id) ? [{ is: 'note' as const, key: `${task.id}:note`, taskId: task.id }] : []),
      ]),
    ]
  })
}

/** What an operator decides about: it stays in the list while it is read, whoever settled it meanwhile. */
export type Decided = Extract<Line, { is: 'item' | 'action' }>

export const itemLine = (item: ListedItem): Decided => ({ is: 'item', key: item.id, item, settled: false })

export const actionLine = (action: ListedAction): Decided => ({ is: 'action', key: action.id, action, settled: false })

/** The lines of a list, with the one that was read at this place where the list has it no more. */
export function withRead(lines: readonly Decided[], read: { line: Decided; at: number } | undefined): Decided[] {
  if (!read || lines.some(({ key }) => key === read.line.key)) return [...lines]
  return [...lines.slice(0, read.at), { ...read.line, settled: true }, ...lines.slice(read.at)]
}
