import { useLingui as useMacro } from '@lingui/react/macro'
import { CircleHelp } from 'lucide-react'
import { type Ref, useEffect, useState } from 'react'
import { read } from '../../api/client'
import type { ResultOf } from '../../api/graphql'
import { Chip, DueDay, Person } from '../../ui/parts'
import { shownOf } from './cells'
import { ClosureQuery } from './documents'
import type { Branches, MilestoneRow, TreeHead, TreeRow } from './rows'
import { TaskButtons, TaskDetailsOf } from './TaskDetails'
import { Timeline } from './Timeline'
import { useTreeParts } from './treeContext'
import { useAnyChange } from './useTree'

type Closure = Extract<NonNullable<ResultOf<typeof ClosureQuery>['node']>, { closure: unknown }>['closure']

/** The row that has the focus, in full, beside the tree. */
export function RowPanel({
  row,
  head,
  branches,
  onGo,
  onAsk,
  onLeave,
  ref,
}: {
  row: TreeRow
  head: TreeHead
  branches: Branches
  onGo: (id: string) => void
  onAsk: (what: 'assign' | 'date') => void
  onLeave: () => void
  ref: Ref<HTMLElement>
}) {
  const { t } = useMacro()
  const { store } = useTreeParts()
  const milestone = row.kind === 'task' ? store.get(row.milestoneId) : row
  const ticketId = row.kind === 'ticket' ? row.id : milestone?.kind === 'milestone' ? milestone.ticketId : head.id
  const ticket = store.get(ticketId)
  return (
    <aside
      className="panel"
      aria-label={t`Dettagli`}
      tabIndex={-1}
      ref={ref}
      onKeyDown={(event) => event.key === 'Escape' && onLeave()}
    >
      <section>
        <p className="quiet">{ticket?.kind === 'ticket' ? ticket.code : head.code}</p>
        <h2>{row.kind === 'ticket' && row.id === head.id ? head.company.name : row.title}</h2>
        <dl className="facts-list">
          <dt>{t`Stato`}</dt>
          <dd>
            <Chip shown={shownOf(row)} />
          </dd>
          <dt>{row.kind === 'task' ? t`Assegnato a` : t`Responsabile`}</dt>
          <dd>
            <Person
              name={row.kind === 'task' ? row.assignee.name : ticket?.kind === 'ticket' ? ticket.owner.name : ''}
            />
          </dd>
          <dt>{t`Scadenza`}</dt>
          <dd>
            <DueDay dueOn={row.dueOn} light={row.sla} />
          </dd>
        </dl>
        {row.kind === 'task' && <TaskButtons task={row} onAsk={onAsk} />}
      </section>
      {row.kind === 'task' ? (
        <TaskDetailsOf key={row.id} task={row} />
      ) : (
        <WhyOpen key={ticketId} ticketId={ticketId} branches={branches} onGo={onGo} />
      )}
      <Timeline key={`timeline ${row.id}`} row={row} rootId={head.id} />
    </aside>
  )
}

/** Why a ticket is not closed: what is still open, one step away. */
function WhyOpen({ ticketId, branches, onGo }: { ticketId: string; branches: Branches; onGo: (id: string) => void }) {
  const { t } = useMacro()
  const { store } = useTreeParts()
  const changes = useAnyChange(store)
  const [closure, setClosure] = useState<Closure | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever changes may change the answer.
  useEffect(() => {
    const timer = setTimeout(() => {
      read(ClosureQuery, { id: ticketId }).then(
        ({ node }) => node && 'closure' in node && setClosure(node.closure),
        () => undefined,
      )
    }, 200)
    return () => clearTimeout(timer)
  }, [ticketId, changes])

  if (!closure || closure.reason === 'CLOSED' || closure.reason === 'CANCELLED') return null
  const milestones = new Map((branches.milestones.get(ticketId) ?? []).map((row) => [row.id, row]))
  const mandatory = closure.openMilestones.reduce((sum, open) => sum + open.mandatoryTaskIds.length, 0)
  const [open, all] = [closure.openMilestones.length, milestones.size]
  return (
    <section className="why">
      <h3>
        <CircleHelp size={15} aria-hidden /> {t`Perché non è chiuso?`}
      </h3>
      {closure.reason === 'MILESTONES_OPEN' && (
        <p>{t`Milestone aperte: ${open} su ${all}. Task obbligatori: ${mandatory}.`}</p>
      )}
      {closure.reason === 'EVERY_MILESTONE_CANCELLED' && (
        <p>{t`Tutte le milestone sono cancellate, e un ticket si chiude solo sul lavoro fatto.`}</p>
      )}
      {closure.reason === 'NO_MILESTONES' && <p>{t`Non c’è niente da completare.`}</p>}
      <ul>
        {closure.openMilestones.map((each) => {
          const row = milestones.get(each.id)
          return row && <OpenMilestone key={each.id} row={row} open={each} onGo={onGo} />
        })}
      </ul>
    </section>
  )
}

function OpenMilestone({
  row,
  open,
  onGo,
}: {
  row: MilestoneRow
  open: Closure['openMilestones'][number]
  onGo: (id: string) => void
}) {
  const { t } = useMacro()
  const count = open.mandatoryTaskIds.length
  const reasons: Record<typeof open.reason, string> = {
    MANDATORY_TASKS: count === 1 ? t`1 task obbligatorio` : t`${count} task obbligatori`,
    OPTIONAL_TASKS: t`solo task facoltativi`,
    ALL_SKIPPED: t`tutti i task saltati`,
    NO_TASKS: t`nessun task`,
  }
  return (
    <li>
      <button type="button" onClick={() => onGo(row.id)}>
        <span>{row.title}</span>
        <span className="quiet">{reasons[open.reason]}</span>
      </button>
    </li>
  )
}
