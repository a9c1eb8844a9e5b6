import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Lock, PanelRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { CrmLink } from '../../ui/CrmLink'
import { Chip, DueDay, LightMark } from '../../ui/parts'
import { money, percent } from '../../words/figures'
import { TICKET_STATUS } from '../../words/status'
import { NoteLine } from './NoteLine'
import { type Branches, headerOf, type Sum, type TreeHead } from './rows'
import type { Asked } from './TaskDialogs'
import { TicketOwner, TicketPriority } from './TicketFacts'
import { Crumbs } from './TreePage'
import type { Note } from './useTaskChanges'

/** Whose ticket it is, how far it has come, and what is due next. */
export function TreeHeader({
  head,
  branches,
  sum,
  onNext,
  onDetails,
  onAsk,
  note,
  onDismiss,
  waiting,
  buttons,
}: {
  head: TreeHead
  branches: Branches
  sum: Sum | undefined
  onNext: (id: string) => void
  /** Shows the parent itself in the panel: it has no row. */
  onDetails: () => void
  onAsk: (what: Asked) => void
  /** What a change of the parent was answered. */
  note: Note | undefined
  onDismiss: () => void
  /** What waits for a person, and the three buttons, for those who may press them. */
  waiting: ReactNode
  buttons: ReactNode
}) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const { root } = branches
  const { counts, next } = headerOf(branches)
  const all = counts.done + counts.inProgress + counts.toDo
  const amount = head.lines.reduce((whole, line) => whole + Number(line.amount), 0)
  const currency = head.lines[0]?.currency
  const delivered = root.deliveryProgress ?? (sum?.total ? sum.done / sum.total : null)
  return (
    <header className="tree-head">
      <div className="tree-title">
        <div>
          <Crumbs code={head.code} />
          <h1>
            {head.company.name} {head.kit && <span>{head.kit.name}</span>}
          </h1>
        </div>
        {buttons}
      </div>
      <div className="facts">
        <Chip shown={TICKET_STATUS[root.status]} />
        {head.sourceActivity && (
          <span>
            {t`Attività`}{' '}
            <b>
              <CrmLink id={head.sourceActivity.crmId} url={head.sourceActivity.crmUrl} />
            </b>
          </span>
        )}
        <TicketOwner ticket={root} onAsk={onAsk} />
        <TicketPriority ticket={root} />
        <span>
          {t`Opportunità`}{' '}
          <b>
            {currency
              ? `${head.opportunities.length} · ${money(amount, currency, i18n.locale)}`
              : head.opportunities.length}
          </b>
        </span>
        <button type="button" className="fact-button" onClick={onDetails}>
          <PanelRight size={14} aria-hidden /> {t`Note e commenti`}
        </button>
        {waiting}
        {next && (
          <button type="button" className="next" onClick={() => onNext(next.id)}>
            <span className="quiet">{t`Prossima scadenza`}</span> <b>{next.title}</b>{' '}
            <DueDay dueOn={next.dueOn} light={next.sla} />
          </button>
        )}
      </div>
      {note && <NoteLine note={note} onDismiss={onDismiss} />}
      <div className="tree-progress">
        <span>
          <b>{delivered === null ? '–' : percent(delivered, i18n.locale)}</b>{' '}
          {root.deliveryProgress === null ? t`onboarding` : t`consegna`}
        </span>
        <span className="segmented" aria-hidden>
          <i className="done" style={{ width: `${(counts.done / (all || 1)) * 100}%` }} />
          <i className="doing" style={{ width: `${(counts.inProgress / (all || 1)) * 100}%` }} />
        </span>
        <ul className="counts">
          <li>
            <i className="done" aria-hidden /> <b>{counts.done}</b> {t`completati`}
          </li>
          <li>
            <i className="doing" aria-hidden /> <b>{counts.inProgress}</b> {t`in corso`}
          </li>
          <li>
            <i aria-hidden /> <b>{counts.toDo}</b> {t`da fare`}
          </li>
          {counts.late > 0 && (
            <li>
              <LightMark light="ORANGE" /> <b>{counts.late}</b> {t`in ritardo`}
            </li>
          )}
          {counts.blocked > 0 && (
            <li>
              <Lock size={12} aria-hidden /> <b>{counts.blocked}</b> {t`bloccate`}
            </li>
          )}
        </ul>
      </div>
    </header>
  )
}
