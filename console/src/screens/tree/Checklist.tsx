import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Square, SquareCheck } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useMayWrite } from '../../app/viewer'
import { problemWords } from '../../words/problems'
import type { TaskDetails } from './panelDocuments'
import { TickChecklist } from './panelMutations'
import { useTreeParts } from './treeContext'
import { writeTree } from './writes'

type Entries = TaskDetails['checklist']

/** The checklist of a task. A tick shows at once; a refusal takes it back and says why. */
export function Checklist({ taskId, entries }: { taskId: string; entries: Entries }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { store } = useTreeParts()
  const mayWrite = useMayWrite()
  const [wished, setWished] = useState<Readonly<Record<string, boolean>>>({})
  const [problem, setProblem] = useState<string | null>(null)

  // What was wished for is so: from now on the hub says how it stands.
  useEffect(() => {
    setWished((before) => {
      const left = Object.entries(before).filter(([id, done]) =>
        entries.some((one) => one.id === id && one.done !== done),
      )
      return Object.fromEntries(left)
    })
  }, [entries])

  async function tick(entryId: string, done: boolean) {
    setProblem(null)
    setWished((before) => ({ ...before, [entryId]: done }))
    const end = await writeTree(store, TickChecklist, { id: taskId, entryId, done })
    if (end.is === 'done') return
    setWished(({ [entryId]: _, ...rest }) => rest)
    setProblem(end.is === 'refused' ? _(problemWords(end.code)) : t`Non salvato: l’hub non ha risposto.`)
  }

  return (
    <div className="checklist-box">
      <ul className="checklist" aria-label={t`Lista di controllo`}>
        {entries.map(({ id, text, done }) => {
          const isDone = wished[id] ?? done
          return (
            <li key={id}>
              {mayWrite ? (
                <label>
                  <input type="checkbox" checked={isDone} onChange={() => void tick(id, !isDone)} />
                  <span>{text}</span>
                </label>
              ) : (
                <>
                  {isDone ? <SquareCheck size={15} aria-hidden /> : <Square size={15} aria-hidden />}
                  <span>{text}</span>
                  <span className="unseen">{isDone ? t`fatto` : t`da fare`}</span>
                </>
              )}
            </li>
          )
        })}
      </ul>
      {problem && (
        <p className="field-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
