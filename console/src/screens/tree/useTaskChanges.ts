import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useCallback, useState } from 'react'
import { say } from '../../app/toast'
import { problemWords } from '../../words/problems'
import { TASK_STATUS } from '../../words/status'
import { type ChangeEnd, changeTask, type TaskChange } from './changes'
import type { TaskRow } from './rows'
import type { OpenTree } from './useTree'

/** What a change was answered, under its row, until it is dismissed or another change worked. */
export type Note = { sentence: string; retry: (() => void) | undefined }

/** Changes tasks: shows the wish at once, says under the row what stood against it, and offers to undo it. */
export function useTaskChanges({ store, readAgain }: Pick<OpenTree, 'store' | 'readAgain'>, onDone?: () => void) {
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
        const word = now?.kind === 'task' ? _(TASK_STATUS[now.status].word).toLowerCase() : ''
        if (end.by) return { sentence: t`${end.by} l’ha cambiato: ora è ${word}.`, retry: again }
        return { sentence: t`Nel frattempo qualcuno l’ha cambiato: ora è ${word}.`, retry: again }
      }
    }
  }

  function again(id: string, change: TaskChange) {
    const now = store.get(id)
    if (now?.kind === 'task') void run(now, change)
  }

  async function run(task: TaskRow, change: TaskChange, isUndo = false) {
    const before = store.get(task.id)
    if (before?.kind !== 'task') return
    put(task.id, null)
    const ending = changeTask(store, before, change)
    // What shows at once can be undone at once; the undoing waits for the answer.
    const takeBack = change.is === 'reschedule' ? undefined : say(...wordsOf(change, before, ending, isUndo))
    const end = await ending
    put(
      task.id,
      noteOf(end, task.id, () => again(task.id, change)),
    )
    if (end.is !== 'done') {
      takeBack?.()
      return
    }
    onDone?.()
    if (change.is === 'reschedule') {
      // The feed does not tell of dates.
      await readAgain()
      say(t`Scadenza spostata: ${before.title}`)
    }
  }

  function wordsOf(
    change: TaskChange,
    before: TaskRow,
    ending: Promise<ChangeEnd>,
    isUndo: boolean,
  ): [string, (() => void) | undefined] {
    if (isUndo) return [t`Annullato: ${before.title}`, undefined]
    const back = undoOf(change, before)
    const undo = async (opposite: TaskChange) => {
      const end = await ending
      const now = store.get(before.id)
      if (end.is === 'done' && now?.kind === 'task') await run(now, opposite, true)
    }
    return [sentenceOf(change, before), back && (() => void undo(back))]
  }

  function sentenceOf(change: TaskChange, task: TaskRow): string {
    switch (change.is) {
      case 'start':
        return t`Iniziato: ${task.title}`
      case 'complete':
        return t`Completato: ${task.title}`
      case 'skip':
        return t`Saltato: ${task.title}`
      case 'reopen':
        return t`Riaperto: ${task.title}`
      case 'assign':
        return t`Assegnato a ${change.to.name}: ${task.title}`
      case 'reschedule':
        return t`Scadenza spostata: ${task.title}`
    }
  }

  return {
    notes,
    change: (task: TaskRow, change: TaskChange) => void run(task, change),
    /** Says under a row how a change of it ended, and how to try it again. */
    explain: (id: string, end: ChangeEnd, again: () => void) => put(id, noteOf(end, id, again)),
    dismiss: (id: string) => put(id, null),
  }
}

/** The opposite change, where one brings back what was. Dates do not: others moved along. */
function undoOf(change: TaskChange, before: TaskRow): TaskChange | undefined {
  switch (change.is) {
    case 'complete':
    case 'skip':
      return { is: 'reopen' }
    case 'reopen':
      return before.status === 'DONE' ? { is: 'complete' } : { is: 'skip' }
    case 'assign':
      return { is: 'assign', to: before.assignee }
    default:
      return undefined
  }
}
