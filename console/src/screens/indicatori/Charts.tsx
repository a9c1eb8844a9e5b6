import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import type { Point } from '../../charts/scales'
import { TimeChart } from '../../charts/TimeChart'
import { chartDay, percent } from '../../words/figures'
import { KPI, type KpiKey, measureWords } from '../../words/kpis'
import type { Figure } from './documents'
import { figureOf, numberOf } from './figures'
import { RowsLink } from './RowsLink'

type Look = { key: KpiKey; look: 'bar' | 'line' | 'dashed'; tone: string }

const CHARTS: { title: KpiKey; series: readonly Look[] }[] = [
  {
    title: 'FINISHED',
    series: [
      { key: 'FINISHED', look: 'bar', tone: 'violet' },
      { key: 'DUE', look: 'dashed', tone: 'grey' },
    ],
  },
  { title: 'ON_TIME', series: [{ key: 'ON_TIME', look: 'line', tone: 'green' }] },
]

export function Charts({ figures }: { figures: readonly Figure[] }) {
  return CHARTS.map(({ title, series }) => <FigureChart key={title} of={title} looks={series} figures={figures} />)
}

function FigureChart({ of, looks, figures }: { of: KpiKey; looks: readonly Look[]; figures: readonly Figure[] }) {
  const { _, i18n } = useLingui()
  const { t } = useMacro()
  const navigate = useNavigate()
  const shown = looks.flatMap((look) => {
    const figure = figureOf(figures, look.key)
    return figure ? [{ ...look, figure }] : []
  })
  const [first] = shown
  if (!first) return null
  const { unit } = first.figure.measure
  const points = first.figure.series.map(
    ({ from }, at): Point => ({
      key: from,
      label: chartDay(from, i18n.locale),
      values: shown.map(({ figure }) => numberOf(figure.series[at]?.measure.value)),
    }),
  )
  const measureOf = (at: number, series: number) => shown[series]?.figure.series[at]?.measure
  return (
    <TimeChart
      title={t`${_(KPI[of].title)} nel tempo`}
      points={points}
      series={shown.map(({ key, look, tone }) => ({ name: _(KPI[key].title).toLowerCase(), look, tone }))}
      format={(value) => measureWords(value, unit, i18n)}
      formatTick={(value) => (unit === 'SHARE' ? percent(value, i18n.locale) : String(value))}
      most={unit === 'SHARE' ? 1 : undefined}
      onOpen={(at, series) => {
        const measure = measureOf(at, series)
        if (measure) void navigate({ to: '/indicatori/righe', search: { address: measure.address, figure: of } })
      }}
      linkOf={(at, series, text) => {
        const measure = measureOf(at, series)
        return measure ? (
          <RowsLink measure={measure} of={shown[series]?.key ?? of}>
            {text}
          </RowsLink>
        ) : (
          text
        )
      }}
    />
  )
}
