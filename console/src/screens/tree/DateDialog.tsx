import { type CalendarDate, parseDate } from '@internationalized/date'
import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { TriangleAlert } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { DateField, DateInput, DateSegment, Heading, Label } from 'react-aria-components'
import { read } from '../../api/client'
import { useFresh } from '../../app/useFresh'
import { Modal } from '../../ui/Modal'
import { Kbd, LightMark } from '../../ui/parts'
import { shortDay } from '../../words/figures'
import { problemWords } from '../../words/problems'
import { RESCHEDULE_WARNING } from '../../words/warnings'
import {
  type Move,
  type Plan,
  PlanMilestoneDate,
  PlanTaskDate,
  RescheduleMilestone,
  RescheduleTask,
} from './dateDocuments'
import type { MilestoneRow, TaskRow } from './rows'
import { useTreeParts } from './treeContext'
import { useAnyChange } from './useTree'
import { writeTree } from './writes'

const MOST_MOVES = 6

async function readPlan({ kind, id }: TaskRow | MilestoneRow, dueOn: string): Promise<Plan> {
  return (await read(kind === 'task' ? PlanTaskDate : PlanMilestoneDate, { id, dueOn })).plan
}

/** Moves a due date, typed in day, month and year, after showing what moves along. */
export function DateDialog({
  row,
  proposed,
  onMoved,
  onClose,
}: {
  row: TaskRow | MilestoneRow
  /** The day to begin with. */
  proposed: string
  onMoved: () => void
  onClose: () => void
}) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { store } = useTreeParts()
  const changes = useAnyChange(store)
  const [day, setDay] = useState<CalendarDate | null>(parseDate(proposed))
  const [problem, setProblem] = useState<string | null>(null)
  const [isSending, setSending] = useState(false)
  const dueOn = day?.toString() ?? ''
  const isOther = dueOn !== '' && dueOn !== row.dueOn
  const plan = useFresh(isOther ? dueOn : null, () => readPlan(row, dueOn), changes)
  const mayMove = Boolean(plan?.planToken) && !isSending

  async function move(event: FormEvent) {
    event.preventDefault()
    if (dueOn === row.dueOn) return onClose()
    if (!plan?.planToken || isSending) return
    setSending(true)
    const variables = { id: row.id, dueOn, version: store.get(row.id)?.version ?? row.version, token: plan.planToken }
    const end =
      row.kind === 'task'
        ? await writeTree(store, RescheduleTask, variables)
        : await writeTree(store, RescheduleMilestone, variables)
    setSending(false)
    if (end.is === 'done') {
      onClose()
      onMoved()
    } else if (end.is === 'lost') setProblem(t`Non salvato: l’hub non ha risposto.`)
    else if (end.is === 'conflict' || end.code === 'PLAN_STALE')
      setProblem(t`Nel frattempo qualcosa è cambiato: ecco che cosa si sposterebbe ora.`)
    else setProblem(_(problemWords(end.code)))
  }

  return (
    <Modal onClose={onClose}>
      <form
        onSubmit={(event) => void move(event)}
        onKeyDownCapture={(event) => {
          // The parts of a date are no fields of the form, which Enter would send, and keep the key to themselves.
          const isPart = (event.target as Element).matches('[role="spinbutton"]')
          if (event.key === 'Enter' && isPart) event.currentTarget.requestSubmit()
        }}
      >
        <Heading slot="title">{t`Sposta la scadenza: ${row.title}`}</Heading>
        <DateField
          value={day}
          onChange={(next) => {
            setDay(next)
            setProblem(null)
          }}
          shouldForceLeadingZeros
          autoFocus
          className="date-field"
        >
          <Label>{t`Nuova scadenza`}</Label>
          <DateInput className="date-input">
            {(segment) => <DateSegment segment={segment} className="date-segment" />}
          </DateInput>
        </DateField>
        {problem && (
          <p className="field-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="date-plan" aria-live="polite">
          {plan ? (
            <Planned plan={plan} rowId={row.id} />
          ) : (
            <p className="quiet">
              {isOther
                ? t`Un momento: che cosa si sposta…`
                : t`Scegli un altro giorno: qui si vede che cosa si sposta.`}
            </p>
          )}
        </div>
        <div className="buttons">
          <button type="submit" className="button primary" aria-disabled={!mayMove}>
            {t`Sposta`} <Kbd>{t`Invio`}</Kbd>
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t`Lascia com’è`} <Kbd>Esc</Kbd>
          </button>
        </div>
      </form>
    </Modal>
  )
}

/** What moves with a new date, and what is odd about it. */
function Planned({ plan, rowId }: { plan: Plan; rowId: string }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { moves, warnings, crmActivityCount, problems } = plan
  if (problems[0]) return <p className="field-problem">{_(problemWords(problems[0].code))}</p>
  const others = (moves ?? []).filter(({ node }) => node?.id !== rowId)
  const own = (moves ?? []).filter(({ node }) => node?.id === rowId)
  const more = others.length - MOST_MOVES
  return (
    <>
      {warnings?.map((warning) => (
        <p key={warning} className="date-warning">
          <TriangleAlert size={14} aria-hidden /> {_(RESCHEDULE_WARNING[warning])}
        </p>
      ))}
      <p>
        {others.length === 0
          ? t`Non si sposta altro.`
          : plural(others.length, { one: 'Si sposta anche # altra voce:', other: 'Si spostano anche altre # voci:' })}
      </p>
      <ul className="moves">
        {[...own, ...others.slice(0, MOST_MOVES)].map((one) => (
          <MoveLine key={one.node?.id} move={one} />
        ))}
      </ul>
      {more > 0 && <p className="quiet">{plural(more, { one: 'e un’altra', other: 'e altre #' })}</p>}
      {Boolean(crmActivityCount) && (
        <p className="quiet">
          {plural(crmActivityCount ?? 0, {
            one: 'Nel CRM si aggiorna # attività.',
            other: 'Nel CRM si aggiornano # attività.',
          })}
        </p>
      )}
    </>
  )
}

function MoveLine({ move: { node, dueOnBefore, dueOn, workingDays, sla } }: { move: Move }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const days = workingDays > 0 ? `+${workingDays}` : `−${Math.abs(workingDays)}`
  return (
    <li>
      <span>{node?.title}</span>
      <s className="quiet">{shortDay(dueOnBefore, i18n.locale)}</s>
      <span className="moved-to">
        <LightMark light={sla} /> {shortDay(dueOn, i18n.locale)}
      </span>
      <span className="quiet">{workingDays !== 0 && t`${days} g`}</span>
    </li>
  )
}
