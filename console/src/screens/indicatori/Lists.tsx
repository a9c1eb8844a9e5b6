import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Avatar, DueDay, Progress } from '../../ui/parts'
import { KPI, measureWords } from '../../words/kpis'
import type { Board, Grouped, Measure } from './documents'
import { linesOf, numberOf } from './figures'
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

const PARTS = [
  { tone: 'blue', at: 0 },
  { tone: 'red', at: 1 },
] as const

/** What each operator has open, what of it is late, and what they finished in the period. */
export function Load({ figures }: { figures: readonly Grouped[] }) {
  const { t } = useMacro()
  const lines = linesOf(figures)
  const most = Math.max(1, ...lines.map(({ measures }) => Number(measures[0]?.value ?? 0)))
  return (
    <Panel title={t`Carico per operatore`} more={<span className="quiet">{t`aperti, in ritardo · completati`}</span>}>
      <ul className="lines">
        {lines.map(({ key, label, measures: [open, late, finished] }) => {
          const [whole, behind] = [Number(open?.value ?? 0), Number(late?.value ?? 0)]
          const widths = [whole - behind, behind].map((value) => `${(Math.max(0, value) / most) * 100}%`)
          return (
            <li key={key}>
              <span className="person">
                <Avatar name={nameOf(key, label, t`senza operatore`, t`tutti gli altri`)} />
                <span>{nameOf(key, label, t`senza operatore`, t`tutti gli altri`)}</span>
              </span>
              <span className="parts" aria-hidden>
                {PARTS.map(({ tone, at }) => (
                  <i key={tone} className={`mark-${tone}`} style={{ width: widths[at] }} />
                ))}
              </span>
              <span className="end">
                {open && <RowsLink measure={open} of="OPEN" label={t`${label}: ${whole} aperti`} />}
                {late && behind > 0 && (
                  <>
                    ,{' '}
                    <RowsLink
                      measure={late}
                      of="LATE"
                      className="number on-red"
                      label={t`${label}: ${behind} in ritardo`}
                    />
                  </>
                )}
                {finished && (
                  <>
                    {' · '}
                    <RowsLink
                      measure={finished}
                      of="FINISHED"
                      className="number quiet"
                      label={t`${label}: ${Number(finished.value ?? 0)} completati`}
                    />
                  </>
                )}
              </span>
            </li>
          )
        })}
      </ul>
      {lines.length === 0 && <p className="quiet">{t`Nessuno ha task in questo periodo.`}</p>}
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

function nameOf(key: string, label: string, none: string, rest: string): string {
  return key === 'none' ? none : key === 'rest' ? rest : label
}

function Panel({ title, more, children }: { title: string; more: ReactNode; children: ReactNode }) {
  return (
    <section className="tile" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span className="end">{more}</span>
      </header>
      {children}
    </section>
  )
}
