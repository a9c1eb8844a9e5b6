import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useCallback, useState } from 'react'
import { say } from '../../app/toast'
import { problemWords } from '../../words/problems'
import { PRIORITY, TASK_STATUS } from '../../words/status'
import { type ChangeEnd, changeTask, changeTicket, type TaskChange, type TicketChange } from './changes'
import type { TaskRow, TicketRow, TreeRow } from './rows'
import type { TreeStore } from './useTree'

type Row = TaskRow | TicketRow
type Change = TaskChange | TicketChange

/** What a change was answered, under its row, until it is dismissed or another change worked. */
export type Note = { sentence: string; retry: (() => void) | undefined }

/** Changes tasks and tickets: shows the wish at once, says under the row what stood against it, and offers to undo it. */
export function useTaskChanges(store: TreeStore, onDone?: () => void) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const [notes, setNotes] = useState<ReadonlyMap<string, Note>>(new Map())

  const put = useCallback((id: string, note: Note | null) => {
    setNotes((before) => {
      const next = new Map(before)
      if (note) next.set(id, note)
      else next.delete(id)
      return next
    })
  }, [])

  function noteOf(end: ChangeEnd, id: string, again: () => void): Note | null {
    switch (end.is) {
      case 'done':
        return null
      case 'refused':
        return { sentence: _(problemWords(end.code)), retry: undefined }
      case 'lost':
        return { sentence: t`Non salvato: l’hub non ha risposto.`, retry: again }
      case 'conflict': {
        const now = store.get(id)
        if (now?.kind !== 'task') return { sentence: _(problemWords('CONFLICT')), retry: again }
        const word = _(TASK_STATUS[now.status].word).toLowerCase()
        if (end.by) return { sentence: t`${end.by} l’ha cambiato: ora è ${word}.`, retry: again }
        return { sentence: t`Nel frattempo qualcuno l’ha cambiato: ora è ${word}.`, retry: again }
      }
    }
  }

  async function run(row: Row, change: Change, isUndo = false) {
    const before = store.get(row.id)
    const ending = before && begin(before, change)
    if (!before || !ending) return
    put(row.id, null)
    // What shows at once can be undone at once; the undoing waits for the answer.
    const takeBack = say(...wordsOf(change, row, ending, isUndo))
    const end = await ending
    put(
      row.id,
      noteOf(end, row.id, () => void run(row, change)),
    )
    if (end.is === 'done') onDone?.()
    else takeBack()
  }

  function begin(row: TreeRow, change: Change): Promise<ChangeEnd> | undefined {
    const isOfTicket = change.is === 'prioritise' || change.is === 'handOver'
    if (row.kind === 'ticket' && isOfTicket) return changeTicket(store, row, change)
    if (row.kind === 'task' && !isOfTicket) return changeTask(store, row, change)
    return undefined
  }

  function wordsOf(
    change: Change,
    before: Row,
    ending: Promise<ChangeEnd>,
    isUndo: boolean,
  ): [string, (() => void) | undefined] {
    if (isUndo) return [t`Annullato: ${before.title}`, undefined]
    const back = undoOf(change, before)
    const undo = async (opposite: Change) => {
      if ((await ending).is === 'done') await run(before, opposite, true)
    }
    return [sentenceOf(change, before), () => void undo(back)]
  }

  function sentenceOf(change: Change, { title }: Row): string {
    switch (change.is) {
      case 'start':
        return t`Iniziato: ${title}`
      case 'complete':
        return t`Completato: ${title}`
      case 'skip':
        return t`Saltato: ${title}`
      case 'reopen':
        return t`Riaperto: ${title}`
      case 'assign':
      case 'handOver':
        return t`Assegnato a ${change.to.name}: ${title}`
      case 'prioritise':
        return t`Priorità ${_(PRIORITY[change.priority])}: ${title}`
    }
  }

  return {
    notes,
    change: (task: TaskRow, change: TaskChange) => void run(task, change),
    /** Says under a row how a change of it ended, and how to try it again. */
    explain: (id: string, end: ChangeEnd, again: () => void) => put(id, noteOf(end, id, again)),
    changeTicket: (ticket: TicketRow, change: TicketChange) => void run(ticket, change),
    dismiss: (id: string) => put(id, null),
  }
}

/** The opposite change, which brings back what was. */
function undoOf(change: Change, before: Row): Change {
  if (before.kind === 'ticket') {
    if (change.is === 'handOver') return { is: 'handOver', to: before.owner }
    return { is: 'prioritise', priority: before.priority }
  }
  if (change.is === 'assign') return { is: 'assign', to: before.assignee }
  if (change.is === 'reopen') return { is: before.status === 'DONE' ? 'complete' : 'skip' }
  return { is: 'reopen' }
}
