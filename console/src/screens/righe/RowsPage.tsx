import './righe.css'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { ArrowLeft, Check, Minus } from 'lucide-react'
import { useEffect, useState } from 'react'
import { RequestFailed, read } from '../../api/client'
import { Failure } from '../../app/Failure'
import { useKeys } from '../../app/keys'
import { usePages } from '../../app/usePages'
import { type Column, Grid } from '../../ui/Grid'
import { Kbd, Notice, WaitingRows } from '../../ui/parts'
import { daysOf, timeOrDay } from '../../words/figures'
import { KPI, measureWords } from '../../words/kpis'
import { type Edge, type Population, RowsQuery } from './documents'
import { ExportButton } from './ExportButton'
import type { RowsSearch } from './search'

const ROW = 46

type Row = Edge & { id: string }
type Head = Pick<Population, 'from' | 'to' | 'totalCount' | 'measure' | 'definition'>

/** The rows behind one number: what it is now, which work makes it up, and how it is worked out. */
export function RowsPage() {
  const { i18n, _ } = useLingui()
  const { t } = useMacro()
  const navigate = useNavigate()
  const search: RowsSearch = useSearch({ from: '/frame/indicatori/righe' })
  const [head, setHead] = useState<Head>()
  const [current, setCurrent] = useState(search.row)
  const { pages, error, more, readAgain } = usePages<Row>(
    search.address ? `rows ${search.address}` : null,
    async ({ first, after }) => {
      const { kpiPopulation } = await read(RowsQuery, { address: search.address, first, after })
      setHead(kpiPopulation)
      const { edges, totalCount, pageInfo } = kpiPopulation
      return { nodes: edges.map((edge) => ({ ...edge, id: edge.node.id })), totalCount, pageInfo }
    },
    'ANY',
  )
  const asked = head?.definition.key ?? search.figure
  const figure = asked && asked in KPI ? asked : undefined
  const title = figure ? _(KPI[figure].title) : t`Righe`
  const columns = useColumns(head?.measure)

  useEffect(() => {
    document.title = `${title} · IntelligenceHub`
  }, [title])

  async function open({ id, node }: Row) {
    await navigate({ to: '/indicatori/righe', search: { ...search, row: id }, replace: true })
    if (node.__typename === 'IntakeItem') await navigate({ to: '/da-fare', search: { view: 'inbox', item: id } })
    else if (node.__typename === 'ActionItem') await navigate({ to: '/da-fare', search: { view: 'errors', item: id } })
    else {
      const code = node.__typename === 'Ticket' ? node.code : node.ticket.code
      await navigate({ to: '/ticket/$code', params: { code }, search: { row: id } })
    }
  }

  return (
    <div className="page rows-page">
      <header className="page-head">
        <Back />
        <h1>{title}</h1>
        {head && <NowAndThen head={head} seen={search.seen} />}
        {head && <span className="quiet">{daysOf(head, i18n.locale)}</span>}
        {pages && pages.nodes.length > 0 && <ExportButton key={search.address} address={search.address} />}
      </header>
      {figure && (
        <p className="rows-sentence">
          {_(KPI[figure].sentence)}
          {head && (
            <details>
              <summary>{t`Come si calcola`}</summary>
              <span lang="en">
                {head.definition.formula} {head.definition.clock}
              </span>
            </details>
          )}
        </p>
      )}
      {error && !pages ? (
        <RowsFailure error={error} onAgain={readAgain} />
      ) : !search.address ? (
        <Notice title={t`Da qui non si apre nessun numero`} />
      ) : !pages ? (
        <WaitingRows count={12} height={ROW} label={t`Caricamento…`} />
      ) : !pages.nodes.length ? (
        <Notice title={t`Nessuna riga dietro questo numero`} />
      ) : (
        <Grid
          label={title}
          rows={pages.nodes}
          total={pages.total}
          columns={columns}
          keyOf={(row) => row.id}
          rowHeight={ROW}
          current={current}
          onCurrent={setCurrent}
          onOpen={(row) => void open(row)}
          onEnd={more}
          autoFocus
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
          <Kbd>Esc</Kbd> {t`agli indicatori`}
        </span>
      </footer>
    </div>
  )
}

/** An address is of another database, or was cut: no other try helps. */
function RowsFailure({ error, onAgain }: { error: RequestFailed; onAgain: () => void }) {
  const { t } = useMacro()
  if (error.unreachable || !(error instanceof RequestFailed)) return <Failure error={error} onAgain={onAgain} />
  return (
    <div role="alert">
      <Notice
        title={t`Questo numero non si apre più`}
      >{t`Il collegamento è vecchio o incompleto: torna agli indicatori.`}</Notice>
    </div>
  )
}

/** What the number is now, and what it was when somebody pressed it. */
function NowAndThen({ head, seen }: { head: Head; seen: number | undefined }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const { value, unit } = head.measure
  const now = value === null ? null : Number(value)
  const words = measureWords(now, unit, i18n)
  if (seen === undefined || seen === now) return <strong>{words}</strong>
  const before = measureWords(seen, unit, i18n)
  return <strong role="status">{t`era ${before}, ora ${words}`}</strong>
}

function Back() {
  const { t } = useMacro()
  const router = useRouter()
  const navigate = useNavigate()
  const back = () => (window.history.length > 1 ? router.history.back() : void navigate({ to: '/indicatori' }))
  useKeys([{ keys: 'Escape', label: t`Agli indicatori`, group: 'list', run: back }])
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={t`Agli indicatori`}
      title={t`Agli indicatori`}
      onClick={back}
    >
      <ArrowLeft size={17} aria-hidden />
    </button>
  )
}

function useColumns(measure: Head['measure'] | undefined): Column<Row>[] {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const unit = measure?.unit ?? 'COUNT'
  // A share either counts some of its rows, or every row has a share of its own.
  const counted = unit === 'SHARE' && measure?.numerator !== null
  const titles = { WORKING_DAYS: t`Durata`, WORK_HOURS: t`Ore`, EUR: t`Valore`, SHARE: t`Quota`, COUNT: null }
  const weight = counted ? null : titles[unit]
  return [
    {
      id: 'what',
      title: t`Elemento`,
      width: 'minmax(0, 2fr)',
      cell: ({ title, subtitle }) => (
        <span className="two-lines">
          <strong title={title}>{title}</strong>
          <span className="quiet">{subtitle}</span>
        </span>
      ),
    },
    ...(counted
      ? [{ id: 'counted', title: t`Conta`, width: '110px', cell: ({ counts }: Row) => <Counts counts={counts} /> }]
      : []),
    ...(weight
      ? [
          {
            id: 'weight',
            title: weight,
            width: '110px',
            end: true,
            cell: ({ weight }: Row) => measureWords(Number(weight), unit, i18n),
          },
        ]
      : []),
    {
      id: 'when',
      title: t`Quando`,
      width: '120px',
      end: true,
      cell: ({ at }) => <time dateTime={at}>{timeOrDay(at, i18n.locale)}</time>,
    },
  ]
}

function Counts({ counts }: { counts: boolean }) {
  const { t } = useMacro()
  return (
    <span className={counts ? 'on-green' : 'quiet'}>
      {counts ? <Check size={14} aria-hidden /> : <Minus size={14} aria-hidden />} {counts ? t`sì` : t`no`}
    </span>
  )
}
