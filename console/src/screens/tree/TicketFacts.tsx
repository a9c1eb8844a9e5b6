import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Person } from '../../ui/parts'
import { PRIORITY, type Priority } from '../../words/status'
import type { TicketRow } from './rows'
import type { Asked } from './TaskDialogs'
import { useTreeParts } from './treeContext'

/** Whose ticket it is. Whoever may give it to somebody else presses the name. */
export function TicketOwner({ ticket, onAsk }: { ticket: TicketRow; onAsk: (what: Asked) => void }) {
  const { t } = useMacro()
  const { mayWrite } = useTreeParts()
  if (!mayWrite) return <Person name={ticket.owner.name} />
  return (
    <button
      type="button"
      className="fact-button"
      aria-label={t`Responsabile: ${ticket.owner.name}. Cambia`}
      onClick={() => onAsk({ owner: ticket.id })}
    >
      <Person name={ticket.owner.name} />
    </button>
  )
}

export function TicketPriority({ ticket }: { ticket: TicketRow }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { mayWrite, changeTicket } = useTreeParts()
  if (!mayWrite) return <span>{_(PRIORITY[ticket.priority])}</span>
  return (
    <select
      className={`fact-select priority-${ticket.priority.toLowerCase()}`}
      aria-label={t`Priorità`}
      value={ticket.priority}
      onChange={(event) => changeTicket(ticket, { is: 'prioritise', priority: event.target.value as Priority })}
    >
      {Object.entries(PRIORITY).map(([id, word]) => (
        <option key={id} value={id}>
          {_(word)}
        </option>
      ))}
    </select>
  )
}
