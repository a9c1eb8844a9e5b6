import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Avatar } from '../../ui/parts'
import { measureWords } from '../../words/kpis'
import type { Grouped, Measure } from './documents'
import { linesOf, numberOf } from './figures'
import { nameOf, Panel } from './Panel'
import { RowsLink } from './RowsLink'

type LineMeasures = Record<'open' | 'late' | 'finished' | 'hours' | 'share', Measure | undefined>

/** The close work of each operator against the hours that they give, and what they have open, late and finished. */
export function Load({ figures }: { figures: readonly Grouped[] }) {
  const { t } = useMacro()
  const lines = linesOf(figures)
  return (
    <Panel title={t`Carico per operatore`} more={<span className="quiet">{t`aperti, in ritardo · completati`}</span>}>
      <ul className="lines load">
        {lines.map(({ key, label, measures: [open, late, finished, hours, share] }) => (
          <Line
            key={key}
            name={nameOf(key, label, t`senza operatore`, t`tutti gli altri`)}
            measures={{ open, late, finished, hours, share }}
          />
        ))}
      </ul>
      {lines.length === 0 && <p className="quiet">{t`Nessuno ha task in questo periodo.`}</p>}
    </Panel>
  )
}

function Line({ name, measures }: { name: string; measures: LineMeasures }) {
  const { t } = useMacro()
  const { open, late, finished } = measures
  const behind = Number(late?.value ?? 0)
  return (
    <li>
      <span className="person">
        <Avatar name={name} />
        <span>{name}</span>
      </span>
      <Capacity name={name} measures={measures} />
      <span className="end">
        {open && <RowsLink measure={open} of="OPEN" label={t`${name}: ${Number(open.value ?? 0)} aperti`} />}
        {late && behind > 0 && (
          <>
            , <RowsLink measure={late} of="LATE" className="number on-red" label={t`${name}: ${behind} in ritardo`} />
          </>
        )}
        {finished && (
          <>
            {' · '}
            <RowsLink
              measure={finished}
              of="FINISHED"
              className="number quiet"
              label={t`${name}: ${Number(finished.value ?? 0)} completati`}
            />
          </>
        )}
      </span>
    </li>
  )
}

/** How full the hours of two weeks are. Of those whose hours nobody knows, the hours of work alone. */
function Capacity({ name, measures: { hours, share } }: { name: string; measures: LineMeasures }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const full = numberOf(share?.value)
  const isOver = full !== null && full > 1
  const work = measureWords(numberOf(hours?.value), 'WORK_HOURS', i18n)
  if (!share || full === null) {
    return (
      <span className="capacity">
        {hours && (
          <RowsLink measure={hours} of="LOAD" label={t`${name}: ${work} di lavoro, ore settimanali non note`} />
        )}
      </span>
    )
  }
  const words = measureWords(full, 'SHARE', i18n)
  return (
    <span className="capacity" title={t`${work} di lavoro`}>
      <span className="parts track" aria-hidden>
        <i className={isOver ? 'mark-red' : 'mark-blue'} style={{ width: `${Math.min(1, full) * 100}%` }} />
      </span>
      <RowsLink
        measure={share}
        of="LOAD_SHARE"
        className={isOver ? 'number on-red' : 'number'}
        label={t`${name}: ${words} delle ore`}
      />
    </span>
  )
}
