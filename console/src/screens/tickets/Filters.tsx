import { useLingui as useMacro } from '@lingui/react/macro'
import { Link, useNavigate } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { TextFilter } from '../../app/TextFilter'
import type { FilterChange } from './FilterChoices'
import { sameList, type TicketSearch } from './search'

const FilterChoices = lazy(() => import('./FilterChoices').then(({ FilterChoices }) => ({ default: FilterChoices })))

/** The lists that people ask for most. */
export function Views({ search }: { search: TicketSearch }) {
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

export function Filters({ search }: { search: TicketSearch }) {
  const { t } = useMacro()
  const navigate = useNavigate()

  function choose(change: FilterChange) {
    const { row: _, ...next } = { ...search, ...change }
    const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== ''))
    void navigate({ to: '/ticket', search: kept as TicketSearch })
  }

  return (
    <div className="filters" role="group" aria-label={t`Filtri`}>
      <TextFilter text={search.text ?? ''} onChange={(text) => choose({ text })} />
      <Suspense>
        <FilterChoices search={search} onChoose={choose} />
      </Suspense>
    </div>
  )
}
