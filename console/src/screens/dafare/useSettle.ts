import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useState } from 'react'
import { RequestFailed, write } from '../../api/client'
import { problemWords } from '../../words/problems'
import { DismissItem, type Item, ResolveItem } from './documents'

export type Settling = { is: 'resolve'; kitCode: string | null; ownerId: string | null } | { is: 'dismiss' }

/** Sends the decision about an item of the inbox, and says why it was refused. */
export function useSettle({ id, version }: Pick<Item, 'id' | 'version'>, onSettled: () => void) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  async function send(settling: Settling) {
    setBusy(true)
    setProblem(null)
    try {
      const { answer } =
        settling.is === 'dismiss'
          ? await write(DismissItem, { id, version })
          : await write(ResolveItem, { id, version, kitCode: settling.kitCode, ownerId: settling.ownerId })
      const [first] = answer.problems
      if (first) setProblem(_(problemWords(first.code)))
      // Also after a refusal: the item may be another one by now.
      onSettled()
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error
      setProblem(t`Non salvato: l’hub non ha risposto.`)
    } finally {
      setBusy(false)
    }
  }

  return { send: (settling: Settling) => void send(settling), busy, problem }
}
