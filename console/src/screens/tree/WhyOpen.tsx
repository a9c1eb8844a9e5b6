import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { CircleCheck, CircleHelp } from 'lucide-react'
import { read } from '../../api/client'
import { useFresh } from '../../app/useFresh'
import { LightMark } from '../../ui/parts'
import { eventWords } from '../../words/events'
import { shortName, timeOrDay } from '../../words/figures'
import { type Closure, ClosureQuery } from './panelDocuments'
import { useTreeParts } from './treeContext'
import { useAnyChange } from './useTree'

type Open = Closure['openMilestones'][number]

const MOST_MILESTONES = 4
const MOST_TASKS = 3

async function readClosure(id: string): Promise<Closure | null> {
  const { node } = await read(ClosureQuery, { id })
  return node && 'closure' in node ? node.closure : null
}

/**
 * Why a ticket is not closed: what is still open, since when, and whose it is, one step away. Of a closed ticket it says
 * what led to its end.
 */
export function WhyOpen({
  ticketId,
  milestoneId,
  milestoneCount,
  onGo,
}: {
  ticketId: string
  /** Only this milestone of the ticket. */
  milestoneId: string | null
  milestoneCount: number
  onGo: (id: string) => void
}) {
  const { t } = useMacro()
  const { store } = useTreeParts()
  const changes = useAnyChange(store)
  const closure = useFresh(ticketId, () => readClosure(ticketId), changes)

  if (!closure) return null
  if (closure.reason === 'CLOSED' || closure.reason === 'CANCELLED') return <Ended closure={closure} onGo={onGo} />
  if (milestoneId) {
    const open = closure.openMilestones.find(({ id }) => id === milestoneId)
    if (!open) return null
    return (
      <section className="why">
        <h3>
          <CircleHelp size={15} aria-hidden /> {t`Perché non è completata?`}
        </h3>
        <Since at={open.since} />
        <ul>
          <OpenMilestone open={open} most={Number.POSITIVE_INFINITY} onGo={onGo} />
        </ul>
      </section>
    )
  }
  return <StillOpen closure={closure} milestoneCount={milestoneCount} onGo={onGo} />
}

function StillOpen({
  closure: { reason, since, openMilestones },
  milestoneCount: all,
  onGo,
}: {
  closure: Closure
  milestoneCount: number
  onGo: (id: string) => void
}) {
  const { t } = useMacro()
  const open = openMilestones.length
  const mandatory = openMilestones.flatMap(({ tasks }) => tasks).filter((task) => task.mandatory).length
  const more = open - MOST_MILESTONES
  return (
    <section className="why">
      <h3>
        <CircleHelp size={15} aria-hidden /> {t`Perché non è chiuso?`}
      </h3>
      {reason === 'MILESTONES_OPEN' && <p>{t`Milestone aperte: ${open} su ${all}. Task obbligatori: ${mandatory}.`}</p>}
      {reason === 'EVERY_MILESTONE_CANCELLED' && (
        <p>{t`Tutte le milestone sono cancellate, e un ticket si chiude solo sul lavoro fatto.`}</p>
      )}
      {reason === 'NO_MILESTONES' && <p>{t`Non c’è niente da completare.`}</p>}
      <Since at={since} />
      <ul>
        {openMilestones.slice(0, MOST_MILESTONES).map((each) => (
          <OpenMilestone key={each.id} open={each} most={each.since ? MOST_TASKS : 0} onGo={onGo} />
        ))}
      </ul>
      {more > 0 && <p className="quiet">{plural(more, { one: 'e un’altra', other: 'e altre #' })}</p>}
    </section>
  )
}

function Since({ at }: { at: string | null }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  return (
    at && (
      <p className="quiet">
        {t`È così dal`} <time dateTime={at}>{timeOrDay(at, i18n.locale)}</time>
      </p>
    )
  )
}

/** An open milestone: its tasks with who does them, or what it waits for. */
function OpenMilestone({ open, most, onGo }: { open: Open; most: number; onGo: (id: string) => void }) {
  const { t } = useMacro()
  const { milestone, tasks } = open
  const waits = milestone.waitsFor.filter(({ status }) => status !== 'COMPLETED' && status !== 'CANCELLED')
  const count = tasks.filter(({ mandatory }) => mandatory).length
  const reasons: Record<typeof open.reason, string> = {
    MANDATORY_TASKS: count === 1 ? t`1 task obbligatorio` : t`${count} task obbligatori`,
    OPTIONAL_TASKS: t`solo task facoltativi`,
    ALL_SKIPPED: t`tutti i task saltati`,
    NO_TASKS: t`nessun task`,
  }
  return (
    <li>
      <button type="button" onClick={() => onGo(milestone.id)}>
        {milestone.sla && <LightMark light={milestone.sla} />}
        <span>{milestone.title}</span>
        <span className="quiet">{reasons[open.reason]}</span>
      </button>
      {waits.length > 0 && <p className="quiet waits">{t`aspetta ${waits.map(({ title }) => title).join(', ')}`}</p>}
      {tasks.length > 0 && most > 0 && (
        <ul>
          {tasks.slice(0, most).map((task) => (
            <li key={task.id}>
              <button type="button" onClick={() => onGo(task.id)}>
                <span>{task.title}</span>
                <span className="quiet">{shortName(task.assignee.name)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

/** What led to the end of a ticket, from the ticket down to what somebody did. */
function Ended({ closure: { reason, chain }, onGo }: { closure: Closure; onGo: (id: string) => void }) {
  const { _, i18n } = useLingui()
  const { t } = useMacro()
  if (!chain.length) return null
  return (
    <section className="why">
      <h3>
        <CircleCheck size={15} aria-hidden /> {reason === 'CLOSED' ? t`Perché è chiuso?` : t`Perché è annullato?`}
      </h3>
      <ol>
        {chain.map(({ at, node, event, actor }) => (
          <li key={event.id}>
            <button type="button" onClick={() => onGo(node.id)}>
              <span>
                <b>{actor.__typename === 'Operator' ? actor.name : t`L’hub`}</b> {_(eventWords(event.kind))}{' '}
                {node.title}
              </span>
              <time dateTime={at} className="quiet">
                {timeOrDay(at, i18n.locale)}
              </time>
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}
