import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { ArrowDownRight, ArrowRight, ArrowUpRight } from 'lucide-react'
import { Sparkline } from '../../charts/Sparkline'
import {
  changeWords,
  KPI,
  KPI_BESIDE,
  KPI_EXCLUSION,
  KPI_SUBJECT,
  type KpiUnit,
  measureText,
  measureWords,
} from '../../words/kpis'
import type { Figure } from './documents'
import { besideOf, numberOf } from './figures'
import { RowsLink } from './RowsLink'

const TREND = { BETTER: 'on-green', WORSE: 'on-red', SAME: 'quiet' } as const
const TONE = { BETTER: 'green', WORSE: 'red', SAME: 'blue' } as const

/** One figure: its number, how it went, and what it is of. */
export function Card({ figure, figures }: { figure: Figure; figures: readonly Figure[] }) {
  const { _, i18n } = useLingui()
  const { t } = useMacro()
  const { key } = figure.definition
  const { title, sentence } = KPI[key]
  const value = numberOf(figure.measure.value)
  const shown = measureText(value, figure.measure.unit, i18n)
  const p85 = figure.statistics.find(({ name }) => name === 'P85')?.measure
  const besides = besideOf(figures, key)
  const isShare = figure.measure.unit === 'SHARE'
  const leftOut = figure.exclusions.filter(({ measure }) => measure.count > 0)
  const whole = KPI_SUBJECT[figure.subject](figure.measure.count)
  return (
    <article className="tile card" title={_(sentence)}>
      <h2>{_(title)}</h2>
      <p className="card-number">
        <RowsLink
          measure={figure.measure}
          of={key}
          className="card-link"
          label={`${_(title)}: ${measureWords(value, figure.measure.unit, i18n)}`}
        >
          <strong>{shown.number}</strong>
          {shown.gap}
          {shown.unit && <small>{shown.unit}</small>}
        </RowsLink>
        <Sparkline
          values={figure.series.map(({ measure }) => numberOf(measure.value))}
          tone={TONE[figure.trend ?? 'SAME']}
        />
      </p>
      <p>
        {(figure.definition.nature === 'FLOW' || figure.previous || besides.length === 0) && <Change figure={figure} />}
        {p85 && (
          <span className="quiet">
            P85 <RowsLink measure={p85} of={key} />
          </span>
        )}
        {figure.target && <Target target={figure.target} unit={figure.measure.unit} />}
        {besides.map((beside) => (
          <Beside key={beside.definition.key} figure={beside} />
        ))}
      </p>
      <p className="quiet">
        <span>
          {isShare && figure.measure.numerator !== null ? t`${figure.measure.numerator} di ${whole}` : whole}
          {leftOut.length > 0 && ' ·'}
        </span>
        {leftOut.map(({ reason, measure }, at) => (
          <span key={reason}>
            <RowsLink measure={measure} of={key}>
              {KPI_EXCLUSION[reason](measure.count)}
            </RowsLink>
            {at < leftOut.length - 1 && ' ·'}
          </span>
        ))}
      </p>
    </article>
  )
}

/** A figure that belongs to the one of the card, in a few words. */
function Beside({ figure }: { figure: Figure }) {
  const { _ } = useLingui()
  const { key } = figure.definition
  const isMissed = figure.target?.met === false
  return (
    <span className={isMissed ? 'on-red' : 'quiet'} title={_(KPI[key].sentence)}>
      <RowsLink measure={figure.measure} of={key} />{' '}
      {KPI_BESIDE[key] ? _(KPI_BESIDE[key]) : _(KPI[key].title).toLowerCase()}
    </span>
  )
}

/** Where the figure should be, and whether it is there. */
function Target({ target, unit }: { target: NonNullable<Figure['target']>; unit: KpiUnit }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const value = measureWords(numberOf(target.value), unit, i18n)
  return (
    <span className={target.met === false ? 'on-red' : 'quiet'}>
      {target.met === false ? t`obiettivo ${value} mancato` : t`obiettivo ${value}`}
    </span>
  )
}

/** How it went since the period right before. How things stood before the log begins is not known. */
function Change({ figure }: { figure: Figure }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const [now, before] = [numberOf(figure.measure.value), numberOf(figure.previous?.value)]
  if (figure.definition.nature !== 'FLOW' && before === null) return <span className="quiet">{t`adesso`}</span>
  if (now === null || before === null) return <span className="quiet">{t`senza confronto`}</span>
  const change = now - before
  const Arrow = change > 0 ? ArrowUpRight : change < 0 ? ArrowDownRight : ArrowRight
  const { unit } = figure.measure
  return (
    <span className={TREND[figure.trend ?? 'SAME']} title={t`Prima: ${measureWords(before, unit, i18n)}`}>
      <Arrow size={14} aria-hidden /> {changeWords(change, unit, i18n)}
    </span>
  )
}
