import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { ArrowDownRight, ArrowRight, ArrowUpRight } from 'lucide-react'
import { Sparkline } from '../../charts/Sparkline'
import { changeWords, KPI, KPI_EXCLUSION, KPI_SUBJECT, type KpiUnit, measureText, measureWords } from '../../words/kpis'
import type { Figure } from './documents'
import { BESIDE, figureOf, numberOf } from './figures'
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
  const isShare = figure.measure.unit === 'SHARE'
  const besideKey = BESIDE[key]
  const beside = besideKey && figureOf(figures, besideKey)
  const whole = KPI_SUBJECT[figure.subject](figure.measure.count)
  return (
    <article className="tile card" title={_(sentence)}>
      <h2>{_(title)}</h2>
      <p className="card-number">
        <RowsLink
          measure={figure.measure}
          of={key}
          className="card-link"
          label={`${_(title)}: ${shown.number} ${shown.unit}`}
        >
          <strong>{shown.number}</strong> {shown.unit && <small>{shown.unit}</small>}
        </RowsLink>
        <Sparkline
          values={figure.series.map(({ measure }) => numberOf(measure.value))}
          tone={TONE[figure.trend ?? 'SAME']}
        />
      </p>
      <p>
        <Change figure={figure} />
        {p85 && (
          <span className="quiet">
            P85 <RowsLink measure={p85} of={key} />
          </span>
        )}
        {figure.target && <Target target={figure.target} unit={figure.measure.unit} />}
        {besideKey && beside && (
          <span className="quiet">
            <RowsLink measure={beside.measure} of={besideKey} /> {_(KPI[besideKey].title).toLowerCase()}
          </span>
        )}
      </p>
      <p className="quiet">
        {isShare && figure.measure.numerator !== null ? t`${figure.measure.numerator} di ${whole}` : whole}
        {figure.exclusions
          .filter(({ measure }) => measure.count > 0)
          .map(({ reason, measure }) => (
            <span key={reason}>
              {' · '}
              <RowsLink measure={measure} of={key}>
                {KPI_EXCLUSION[reason](measure.count)}
              </RowsLink>
            </span>
          ))}
      </p>
    </article>
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
  if (figure.definition.nature === 'STATE' && before === null) return <span className="quiet">{t`adesso`}</span>
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
