import './tickets.css'
import { plural } from '@lingui/core/macro'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { read } from '../../api/client'
import { Failure } from '../../app/Failure'
import { useNarrow } from '../../app/narrow'
import { isTyping } from '../../app/TextFilter'
import { usePages } from '../../app/usePages'
import { useMayWrite, useViewer } from '../../app/viewer'
import { type Column, Grid } from '../../ui/Grid'
import { Kbd, WaitingRows } from '../../ui/parts'
import { isCounted, lengthText } from '../../words/figures'
import { NoteLine } from '../tree/NoteLine'
import { useColumns } from './columns'
import { type ListedTicket, TicketsQuery } from './documents'
import { Filters, Views } from './Filters'
import { NoTickets } from './NoTickets'
import { type TicketSearch, variablesOf } from './search'
import { useTicketBulk } from './useTicketBulk'

/** One line of the list: a ticket, or why it was not changed. */
type Line = ListedTicket | { id: string; of: string; reason: string }

const TicketBulk = lazy(() => import('./TicketBulk').then(({ TicketBulk }) => ({ default: TicketBulk })))

const ROW = 36
const NARROW_ROW = 66

/** All tickets, by filters that the address holds. */
export function TicketsPage() {
  const { t, i18n } = useMacro()
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
  const columns = useTicketLines(search)
  const mayWrite = useMayWrite()
  const bulk = useTicketBulk(readAgain)

  useEffect(() => {
    document.title = 'Ticket · IntelligenceHub'
  }, [])

  async function open(ticket: ListedTicket) {
    await navigate({ to: '/ticket', search: { ...search, row: ticket.id }, replace: true })
    await navigate({ to: '/ticket/$code', params: { code: ticket.code } })
  }

  const tickets = pages?.nodes ?? []
  const lines = tickets.flatMap((ticket): Line[] => {
    const reason = bulk.reasons.get(ticket.id)
    return reason ? [ticket, { id: `${ticket.id}:note`, of: ticket.id, reason }] : [ticket]
  })
  // Who left the list is no longer selected.
  const chosen = tickets.filter(({ id }) => bulk.selected.has(id))
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
          rows={lines}
          total={isCounted(pages.total) ? pages.total : Number.POSITIVE_INFINITY}
          columns={columns}
          keyOf={(line) => line.id}
          rowHeight={narrow ? NARROW_ROW : ROW}
          headingOf={(line) =>
            'reason' in line ? (
              <NoteLine note={{ sentence: line.reason, retry: undefined }} onDismiss={() => bulk.dismiss(line.of)} />
            ) : undefined
          }
          selection={
            mayWrite
              ? {
                  keys: new Set(chosen.map(({ id }) => id)),
                  isSelectable: (line) => !('reason' in line),
                  onChange: bulk.setSelected,
                }
              : undefined
          }
          current={current}
          onCurrent={setCurrent}
          onOpen={(line) => 'reason' in line || void open(line)}
          opensByTap={narrow}
          onEnd={isOf ? more : undefined}
          autoFocus={!isTyping()}
        />
      )}
      {chosen.length > 0 && (
        <Suspense>
          <TicketBulk
            count={chosen.length}
            busy={bulk.busy}
            onChange={(change) => void bulk.run(chosen, change)}
            onClear={() => bulk.setSelected(new Set())}
          />
        </Suspense>
      )}
      <footer className="page-foot">
        <span>
          <Kbd>J</Kbd> <Kbd>K</Kbd> {t`scorri`}
        </span>
        <span>
          <Kbd>{t`Invio`}</Kbd> {t`apri`}
        </span>
        {mayWrite && (
          <span>
            <Kbd>{t`Spazio`}</Kbd> {t`scegli`}
          </span>
        )}
        {mayWrite && (
          <span>
            <Kbd>{t`Maiusc`}</Kbd> <Kbd>↓</Kbd> {t`estendi la scelta`}
          </span>
        )}
        <span>
          <Kbd>?</Kbd> {t`tutti i tasti`}
        </span>
        {pages && (
          <span className="end">
            {isCounted(pages.total)
              ? plural(pages.total, { one: '# ticket', other: '# ticket' })
              : t`${lengthText(pages.total, i18n.locale)} ticket`}
          </span>
        )}
      </footer>
    </div>
  )
}

function useTicketLines(search: TicketSearch): Column<Line>[] {
  return useColumns(search).map((column) => ({
    ...column,
    cell: (line) => ('reason' in line ? null : column.cell(line)),
  }))
}
