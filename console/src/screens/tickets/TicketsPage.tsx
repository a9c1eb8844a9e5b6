import './tickets.css'
import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useQuery } from 'urql'
import { read } from '../../api/client'
import { Failure } from '../../app/Failure'
import { useNarrow } from '../../app/narrow'
import { usePages } from '../../app/usePages'
import { useViewer } from '../../app/viewer'
import { Choice } from '../../ui/Choice'
import { type Column, Grid } from '../../ui/Grid'
import { Chip, DueDay, Kbd, Notice, Person, Progress, WaitingRows } from '../../ui/parts'
import { money, shortDay } from '../../words/figures'
import { TICKET_STATUS } from '../../words/status'
import { FacetsQuery, type ListedTicket, TicketsQuery } from './documents'
import { type Sort, sameList, type TicketSearch, variablesOf } from './search'
import { TextFilter } from './TextFilter'

const ROW = 36
const NARROW_ROW = 66

/** All tickets, by filters that the address holds. */
export function TicketsPage() {
  const { t } = useMacro()
  const navigate = useNavigate()
  const search: TicketSearch = useSearch({ from: '/frame/ticket' })
  const me = useViewer().operator?.id ?? null
  const narrow = useNarrow()
  const variables = variablesOf(search, me)
  const { pages, isOf, error, more, readAgain } = usePages(
    `tickets ${JSON.stringify(variables)}`,
    async (page) => (await read(TicketsQuery, { ...variables, ...page })).tickets,
    'TICKETS',
  )
  const [current, setCurrent] = useState(search.row)
  const columns = useColumns(search)

  useEffect(() => {
    document.title = 'Ticket · IntelligenceHub'
  }, [])

  async function open(ticket: ListedTicket) {
    await navigate({ to: '/ticket', search: { ...search, row: ticket.id }, replace: true })
    await navigate({ to: '/ticket/$code', params: { code: ticket.code } })
  }

  const tickets = pages?.nodes ?? []
  return (
    <div className="page">
      <Views search={search} />
      <Filters search={search} />
      {error && !tickets.length ? (
        <Failure error={error} onAgain={readAgain} />
      ) : !pages ? (
        <WaitingRows count={12} height={narrow ? NARROW_ROW : ROW} label={t`Caricamento…`} />
      ) : !tickets.length ? (
        <NoTickets search={search} />
      ) : (
        <Grid
          label={t`Ticket`}
          rows={tickets}
          total={pages.total}
          columns={columns}
          keyOf={(ticket) => ticket.id}
          rowHeight={narrow ? NARROW_ROW : ROW}
          current={current}
          onCurrent={setCurrent}
          onOpen={open}
          opensByTap={narrow}
          onEnd={isOf ? more : undefined}
          autoFocus={!isTyping()}
        />
      )}
      <footer className="page-foot">
        <span>
          <Kbd>J</Kbd> <Kbd>K</Kbd> {t`scorri`}
        </span>
        <span>
          <Kbd>{t`Invio`}</Kbd> {t`apri`}
        </span>
        <span>
          <Kbd>?</Kbd> {t`tutti i tasti`}
        </span>
        {pages && <span className="end">{plural(pages.total, { one: '# ticket', other: '# ticket' })}</span>}
      </footer>
    </div>
  )
}

/** Whoever types keeps the focus while the list follows. */
function isTyping(): boolean {
  return document.activeElement instanceof HTMLInputElement
}

function useColumns(search: TicketSearch): Column<ListedTicket>[] {
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
        cell: (ticket) => <strong title={ticket.company.name}>{ticket.company.name}</strong>,
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

/** The lists that people ask for most. */
function Views({ search }: { search: TicketSearch }) {
  const { t } = useMacro()
  const views: { name: ReactNode; search: TicketSearch }[] = [
    { name: t`Tutti`, search: {} },
    { name: t`In corso, per scadenza`, search: { state: 'WORKING' } },
    { name: t`Miei`, search: { kind: 'ALL', owner: 'me', state: 'WORKING' } },
    { name: t`In ritardo`, search: { kind: 'ALL', late: true } },
    { name: t`Chiusi di recente`, search: { state: 'CLOSED', sort: '-closed' } },
  ]
  return (
    <header className="page-head">
      <h1>{t`Ticket`}</h1>
      <nav className="views" aria-label={t`Viste`}>
        {views.map((view, at) => (
          <Link
            key={at}
            to="/ticket"
            search={view.search}
            className="view"
            aria-current={sameList(view.search, search) ? 'true' : undefined}
            activeOptions={{ exact: true, includeSearch: true }}
            activeProps={{}}
          >
            {view.name}
          </Link>
        ))}
      </nav>
    </header>
  )
}

function Filters({ search }: { search: TicketSearch }) {
  const { t } = useMacro()
  const navigate = useNavigate()
  const [{ data }] = useQuery({ query: FacetsQuery })

  function choose(change: { [Key in keyof TicketSearch]?: TicketSearch[Key] | undefined }) {
    const { row: _, ...next } = { ...search, ...change }
    const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== ''))
    void navigate({ to: '/ticket', search: kept as TicketSearch })
  }

  return (
    <div className="filters" role="group" aria-label={t`Filtri`}>
      <TextFilter text={search.text ?? ''} onChange={(text) => choose({ text })} />
      <Choice
        label={t`Tipo`}
        chosen={search.kind ?? 'PARENT'}
        options={[
          { id: 'PARENT', name: t`padri` },
          { id: 'CHILD', name: t`figli` },
          { id: 'ALL', name: t`padri e figli` },
        ]}
        onChoose={(kind) => choose({ kind: kind === 'PARENT' ? undefined : (kind as 'CHILD' | 'ALL') })}
      />
      <Choice
        label={t`Stato`}
        chosen={search.state ?? ''}
        options={[
          { id: '', name: t`tutti` },
          { id: 'WORKING', name: t`aperti o in corso` },
          { id: 'OPEN', name: t`aperti` },
          { id: 'IN_PROGRESS', name: t`in corso` },
          { id: 'CLOSED', name: t`chiusi` },
          { id: 'CANCELLED', name: t`annullati` },
        ]}
        onChoose={(state) => choose({ state: (state || undefined) as TicketSearch['state'] })}
      />
      <Choice
        label={t`Chi`}
        chosen={search.owner ?? ''}
        options={[{ id: '', name: t`tutti` }, { id: 'me', name: t`io` }, ...(data?.operators.nodes ?? [])]}
        onChoose={(owner) => choose({ owner: owner || undefined })}
      />
      <Choice
        label={t`Kit`}
        chosen={search.kit ?? ''}
        options={[{ id: '', name: t`tutti` }, ...(data?.kits.nodes ?? [])]}
        onChoose={(kit) => choose({ kit: kit || undefined })}
      />
      <Choice
        label={t`Scadenza`}
        chosen={search.late ? 'late' : ''}
        options={[
          { id: '', name: t`tutte` },
          { id: 'late', name: t`passata` },
        ]}
        onChoose={(late) => choose({ late: late === 'late' || undefined })}
      />
    </div>
  )
}

function NoTickets({ search }: { search: TicketSearch }) {
  const { t } = useMacro()
  if (sameList(search, {})) {
    return (
      <Notice
        title={t`Ancora nessun ticket`}
      >{t`Il primo arriva quando nel CRM si registra una vendita che nomina un kit.`}</Notice>
    )
  }
  return (
    <Notice
      title={t`Nessun ticket con questi filtri`}
      action={
        <Link to="/ticket" className="button">
          {t`Togli i filtri`}
        </Link>
      }
    />
  )
}
