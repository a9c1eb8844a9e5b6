import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useState } from 'react'
import { RequestFailed, write } from '../../api/client'
import type { VariablesOf } from '../../api/graphql'
import { say } from '../../app/toast'
import { problemWords } from '../../words/problems'
import { type ListedTicket, UpdateTicket } from './documents'

export type TicketChange = VariablesOf<typeof UpdateTicket>['input']

/** As many requests as are under way at once: a hundred tickets must not stand before what others ask. */
const AT_ONCE = 4

/** The tickets that are selected, and what is done with all of them: what did not work stays selected and says why. */
export function useTicketBulk(readAgain: () => Promise<void>) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [reasons, setReasons] = useState<ReadonlyMap<string, string>>(new Map())
  const [busy, setBusy] = useState(false)

  async function run(tickets: readonly ListedTicket[], change: TicketChange) {
    setBusy(true)
    const waiting = [...tickets]
    const failures = new Map<string, string>()
    const lane = async () => {
      for (let ticket = waiting.shift(); ticket; ticket = waiting.shift()) {
        const reason = await send(ticket, change)
        if (reason) failures.set(ticket.id, reason)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
    setReasons(failures)
    setSelected(new Set(failures.keys()))
    setBusy(false)
    const [done, failed] = [tickets.length - failures.size, failures.size]
    const sentence = plural(done, { one: 'Cambiato # ticket', other: 'Cambiati # ticket' })
    const left = plural(failed, { one: '# non riuscito, resta scelto', other: '# non riusciti, restano scelti' })
    say(failed ? `${sentence}, ${left}` : sentence)
    await readAgain()
  }

  /** Why the ticket was not changed; null when it was. */
  async function send({ id, version }: ListedTicket, input: TicketChange): Promise<string | null> {
    try {
      const { updateTicket } = await write(UpdateTicket, { id, input, version })
      const [problem] = updateTicket.problems
      if (!problem) return null
      const by = 'changedBy' in problem ? problem.changedBy?.name : undefined
      return by ? t`${by} l’ha cambiato nel frattempo.` : _(problemWords(problem.code))
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error
      return t`Non salvato: l’hub non ha risposto.`
    }
  }

  function dismiss(id: string) {
    setReasons(new Map([...reasons].filter(([one]) => one !== id)))
  }

  return { selected, setSelected, reasons, dismiss, busy, run }
}
