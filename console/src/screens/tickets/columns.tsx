import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { ArrowDown, ArrowUp, ChevronsUp } from 'lucide-react'
import { useMemo } from 'react'
import type { Column } from '../../ui/Grid'
import { Chip, DueDay, Person, Progress } from '../../ui/parts'
import { money, shortDay } from '../../words/figures'
import { PRIORITY, type Priority, TICKET_STATUS } from '../../words/status'
import type { ListedTicket } from './documents'
import type { Sort, TicketSearch } from './search'

export function useColumns(search: TicketSearch): Column<ListedTicket>[] {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const sort = search.sort ?? 'due'
  const locale = i18n.locale
  // biome-ignore lint/correctness/useExhaustiveDependencies: `t` changes with the locale.
  return useMemo(() => {
    const by = (title: string, up: Sort | undefined, down: Sort | undefined) => ({
      title: <SortLink title={title} search={search} up={up} down={down} />,
      sorted: sort === up ? ('ascending' as const) : sort === down ? ('descending' as const) : undefined,
    })
    return [
      {
        id: 'code',
        width: '148px',
        ...by(t`Codice`, 'code', undefined),
        cell: (ticket) => <TicketLink ticket={ticket} />,
      },
      {
        id: 'company',
        width: 'minmax(150px, 1.4fr)',
        title: t`Azienda`,
        cell: (ticket) => (
          <span className="name-and-mark">
            <strong title={ticket.company.name}>{ticket.company.name}</strong>
            <PriorityMark priority={ticket.priority} />
          </span>
        ),
      },
      {
        id: 'kit',
        width: 'minmax(120px, 1fr)',
        title: t`Kit`,
        cell: (ticket) => ticket.kit?.name ?? ticket.service?.name ?? ticket.title,
      },
      { id: 'state', width: '112px', title: t`Stato`, cell: (ticket) => <Chip shown={TICKET_STATUS[ticket.status]} /> },
      { id: 'delivery', width: '116px', title: t`Consegna`, cell: (ticket) => <Delivery ticket={ticket} /> },
      {
        id: 'due-on',
        width: '132px',
        ...by(t`Scadenza`, 'due', '-due'),
        cell: (ticket) => <DueDay dueOn={ticket.dueOn} light={ticket.sla} />,
      },
      { id: 'owner', width: '112px', title: t`Chi`, cell: (ticket) => <Person name={ticket.owner.name} /> },
      { id: 'value', width: '92px', end: true, title: t`Valore`, cell: (ticket) => ticketValue(ticket, locale) },
      {
        id: 'created',
        width: '96px',
        end: true,
        ...by(t`Aperto il`, 'created', '-created'),
        cell: (ticket) => <span className="quiet">{shortDay(ticket.createdAt.slice(0, 10), locale)}</span>,
      },
    ]
  }, [search, sort, locale])
}

/** Only what goes before other work has a mark. */
function PriorityMark({ priority }: { priority: Priority }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  if (priority === 'LOW' || priority === 'MEDIUM') return null
  const words = t`Priorità: ${_(PRIORITY[priority])}`
  return (
    <span role="img" aria-label={words} title={words} className={priority === 'CRITICAL' ? 'critical' : undefined}>
      <ChevronsUp size={15} aria-hidden />
    </span>
  )
}

function TicketLink({ ticket }: { ticket: ListedTicket }) {
  return (
    <Link to="/ticket/$code" params={{ code: ticket.code }} className="code" tabIndex={-1}>
      {ticket.code}
    </Link>
  )
}

function Delivery({ ticket }: { ticket: ListedTicket }) {
  const { t } = useMacro()
  const value = ticket.kind === 'PARENT' ? ticket.deliveryProgress : ticket.progress
  return <Progress value={value} done={value === 1} label={t`Consegna di ${ticket.code}`} />
}

function ticketValue(ticket: ListedTicket, locale: string): string {
  const [first] = ticket.lines
  if (!first) return ''
  const amount = ticket.lines.reduce((sum, line) => sum + Number(line.amount), 0)
  return money(amount, first.currency, locale)
}

function SortLink({
  title,
  search,
  up,
  down,
}: {
  title: string
  search: TicketSearch
  up: Sort | undefined
  down: Sort | undefined
}) {
  const sort = search.sort ?? 'due'
  const next = sort === up ? (down ?? up) : (up ?? down)
  const { sort: _, ...rest } = search
  return (
    <Link to="/ticket" search={next && next !== 'due' ? { ...rest, sort: next } : rest} className="sort">
      {title}
      {sort === up && <ArrowUp size={12} aria-hidden />}
      {sort === down && <ArrowDown size={12} aria-hidden />}
    </Link>
  )
}
