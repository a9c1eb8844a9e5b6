import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { DueDay, Progress } from '../../ui/parts'
import { KPI, measureWords } from '../../words/kpis'
import type { Board, Grouped, Measure } from './documents'
import { linesOf, numberOf } from './figures'
import { nameOf, Panel } from './Panel'
import { RowsLink } from './RowsLink'

/** The milestones in progress that are due first. */
export function Stages({ stages }: { stages: Board['stages'] }) {
  const { t } = useMacro()
  const [figure] = stages.figures
  if (!figure) return null
  const milestones = figure.population.edges.flatMap(({ node }) => (node.__typename === 'Milestone' ? [node] : []))
  return (
    <Panel
      title={t`Milestone in corso`}
      more={
        <RowsLink measure={figure.measure} of="PROGRESS" className="quiet">
          {t`per scadenza · ${figure.measure.count}`}
        </RowsLink>
      }
    >
      <ul className="lines">
        {milestones.map(({ id, title, progress, dueOn, sla, ticket }) => (
          <li key={id}>
            <Link to="/ticket/$code" params={{ code: ticket.code }} search={{ row: id }} className="two-lines">
              <strong>{title}</strong>
              <span className="quiet">{ticket.company.name}</span>
            </Link>
            <Progress value={progress} done={progress === 1} label={t`Avanzamento di ${title}`} />
            <DueDay dueOn={dueOn} light={sla} />
          </li>
        ))}
      </ul>
      {milestones.length === 0 && <p className="quiet">{t`Nessuna milestone è in corso.`}</p>}
    </Panel>
  )
}

/** How punctual the work of each kit was. */
export function Kits({ figures }: { figures: readonly Grouped[] }) {
  const { _, i18n } = useLingui()
  const { t } = useMacro()
  const lines = linesOf(figures)
  return (
    <Panel title={t`${_(KPI.ON_TIME.title)} per kit`} more={<span className="quiet">{t`milestone completate`}</span>}>
      <ul className="lines">
        {lines.map(({ key, label, measures: [share] }) => (
          <li key={key}>
            <span className="clipped">{nameOf(key, label, t`senza kit`, t`tutti gli altri`)}</span>
            <Share measure={share} />
            <span className="end">
              {share && (
                <RowsLink
                  measure={share}
                  of="ON_TIME"
                  label={`${label}: ${measureWords(numberOf(share.value), share.unit, i18n)}`}
                />
              )}{' '}
              <span className="quiet">{share && plural(share.count, { one: 'di #', other: 'di #' })}</span>
            </span>
          </li>
        ))}
      </ul>
      {lines.length === 0 && <p className="quiet">{t`Nessuna milestone completata nel periodo.`}</p>}
    </Panel>
  )
}

function Share({ measure }: { measure: Measure | undefined }) {
  const share = numberOf(measure?.value)
  return (
    <span className="parts" aria-hidden>
      <i className="mark-green" style={{ width: `${(share ?? 0) * 100}%` }} />
    </span>
  )
}
