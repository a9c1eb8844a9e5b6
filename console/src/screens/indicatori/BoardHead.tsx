import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Maximize, Minimize, TriangleAlert } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { clockTime, daysOf } from '../../words/figures'
import type { Board } from './documents'
import { type BoardSearch, PERIODS, readBoardSearch } from './search'

const Narrowing = lazy(() => import('./Narrowing').then(({ Narrowing }) => ({ default: Narrowing })))

/** What the board is of, and how fresh it is. */
export function BoardHead({
  search,
  board,
  staleSince,
}: {
  search: BoardSearch
  board: Board | undefined
  staleSince: number | undefined
}) {
  const { t } = useMacro()
  return (
    <header className="page-head board-head">
      <h1>{t`Indicatori`}</h1>
      <Freshness board={board} staleSince={staleSince} />
      <span className="board-tools">
        <Periods search={search} board={board} />
        {!search.wall && (
          <Suspense>
            <Narrowing search={search} />
          </Suspense>
        )}
        <Link
          to="/indicatori"
          search={readBoardSearch({ ...search, wall: search.wall ? undefined : 1 })}
          className="button to-wall"
        >
          {search.wall ? <Minimize size={15} aria-hidden /> : <Maximize size={15} aria-hidden />}
          {search.wall ? t`Esci dalla parete` : t`Parete`}
        </Link>
      </span>
    </header>
  )
}

function Freshness({ board, staleSince }: { board: Board | undefined; staleSince: number | undefined }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  return (
    <span role="status" className="freshness">
      {staleSince !== undefined ? (
        <strong className="stale">
          <TriangleAlert size={14} aria-hidden /> {t`fermo alle ${clockTime(staleSince, i18n.locale)}`}
        </strong>
      ) : (
        board && <span className="quiet">{t`ultimo cambiamento ${clockTime(board.board.dataUntil, i18n.locale)}`}</span>
      )}
    </span>
  )
}

function Periods({ search, board }: { search: BoardSearch; board: Board | undefined }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const { days: _days, from, to, ...rest } = search
  const chosen = from && to ? undefined : (search.days ?? 30)
  const names = { 7: t`7 giorni`, 30: t`30 giorni`, 90: t`Trimestre`, 365: t`Anno` }
  return (
    <>
      <nav className="views" aria-label={t`Periodo`}>
        {PERIODS.map((days) => (
          <Link
            key={days}
            to="/indicatori"
            search={days === 30 ? rest : { ...rest, days }}
            className="view"
            aria-current={days === chosen ? 'true' : undefined}
            activeOptions={{ exact: true, includeSearch: true }}
            activeProps={{}}
          >
            {names[days]}
          </Link>
        ))}
      </nav>
      {board && <span className="quiet">{daysOf(board.board, i18n.locale)}</span>}
    </>
  )
}
