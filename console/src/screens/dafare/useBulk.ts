import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { say } from '../../app/toast'
import type { ChangeEnd } from '../tree/changes'
import type { TaskRow } from '../tree/rows'
import type { TreeStore } from '../tree/useTree'
import { type BulkChange, changeAll, type Undo, undoOf } from './bulk'

/** The tasks that are selected, and what is done with all of them: what did not work stays selected and says why. */
export function useBulk(
  store: TreeStore,
  explain: (id: string, end: ChangeEnd, again: () => void) => void,
  readAgain: () => Promise<void>,
) {
  const { t } = useLingui()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [busy, setBusy] = useState(false)

  async function run(ids: Iterable<string>, change: BulkChange) {
    const tasks = rowsOf(ids)
    if (!tasks.length) return
    setBusy(true)
    const failed = await apply(tasks, change)
    const done = tasks.filter(({ id }) => !failed.has(id))
    setSelected(failed)
    setBusy(false)
    const back = undoOf(change, done)
    say(sentenceOf(change, done.length, failed.size), done.length && back.length ? () => void undo(back) : undefined)
    await readAgain()
  }

  async function undo(back: readonly Undo[]) {
    let count = 0
    for (const { tasks, change } of back) {
      // Their versions are those of now.
      const now = rowsOf(tasks.map(({ id }) => id))
      count += now.length - (await apply(now, change)).size
    }
    say(plural(count, { one: 'Annullato per # task', other: 'Annullato per # task' }))
    await readAgain()
  }

  async function apply(tasks: readonly TaskRow[], change: BulkChange): Promise<ReadonlySet<string>> {
    const ends = await changeAll(store, tasks, change)
    for (const [id, end] of ends) explain(id, end, () => void run([id], change))
    return new Set([...ends].filter(([, end]) => end.is !== 'done').map(([id]) => id))
  }

  function rowsOf(ids: Iterable<string>): TaskRow[] {
    return [...ids].flatMap((id) => {
      const row = store.get(id)
      return row?.kind === 'task' ? [row] : []
    })
  }

  function sentenceOf(change: BulkChange, done: number, failed: number): string {
    const sentence = doneOf(change, done)
    if (!failed) return sentence
    const left = plural(failed, { one: '# non riuscito, resta scelto', other: '# non riusciti, restano scelti' })
    return done ? `${sentence}, ${left}` : left
  }

  function doneOf(change: BulkChange, count: number): string {
    switch (change.is) {
      case 'start':
        return plural(count, { one: 'Iniziato # task', other: 'Iniziati # task' })
      case 'complete':
        return plural(count, { one: 'Completato # task', other: 'Completati # task' })
      case 'skip':
        return plural(count, { one: 'Saltato # task', other: 'Saltati # task' })
      case 'reopen':
        return plural(count, { one: 'Riaperto # task', other: 'Riaperti # task' })
      case 'assign': {
        const tasks = plural(count, { one: '# task', other: '# task' })
        return t`Assegnati a ${change.to.name}: ${tasks}`
      }
      default:
        return plural(count, { one: 'Spostata la scadenza di # task', other: 'Spostata la scadenza di # task' })
    }
  }

  return { selected, setSelected, busy, run: (ids: ReadonlySet<string>, change: BulkChange) => void run(ids, change) }
}
