import { useLingui } from '@lingui/react/macro'
import { type Binding, useKeys } from '../../app/keys'
import type { TaskChange } from './changes'
import { isFinished, type TaskRow } from './rows'

/** The keys of the task with the focus, the same in every list. Without `mayWrite` there are none. */
export function useTaskKeys(
  task: TaskRow | undefined,
  mayWrite: boolean,
  change: (task: TaskRow, change: TaskChange) => void,
  ask: (what: 'assign' | 'date') => void,
) {
  const { t } = useLingui()
  const open = task && !isFinished(task) ? task : undefined
  const bind = (keys: string, label: string, run: () => void): Binding => ({ keys, label, group: 'task', run })
  const bindings = [
    bind('x', t`Completa`, () => open && change(open, { is: 'complete' })),
    bind('i', t`Inizia`, () => open?.status === 'TODO' && change(open, { is: 'start' })),
    bind('s', t`Salta`, () => open && change(open, { is: 'skip' })),
    bind('r', t`Riapri`, () => task && !open && change(task, { is: 'reopen' })),
    bind('a', t`Assegna`, () => open && ask('assign')),
    bind('d', t`Sposta la scadenza`, () => open && ask('date')),
  ]
  useKeys(mayWrite ? bindings : [])
}
