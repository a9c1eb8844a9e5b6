import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { RotateCcw, Timer } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { RequestFailed, write } from '../../api/client'
import { Failure } from '../../app/Failure'
import { useKeys } from '../../app/keys'
import { useMayWrite } from '../../app/viewer'
import { Chip, Kbd, Notice, WaitingRows } from '../../ui/parts'
import { clockTime, shortName } from '../../words/figures'
import { ACTION_STATUS, OUTCOME, OUTCOME_COUNT } from '../../words/outcomes'
import { problemWords } from '../../words/problems'
import { ActionItemLine, needsPerson } from './ActionItemLine'
import { lookOf } from './buttons'
import { CancelAction, type ReadAction, type ReadItem, RetryAction } from './documents'
import { PanelFrame, Totals } from './parts'
import { useAction } from './useAction'
import { useSubjects } from './useSubjects'

const LOADING = { name: '', icon: Timer, colour: 'grey' }

/** Beside its tree, beside a list whose focus it follows, or on a page of its own. */
type Where = 'tree' | 'list' | 'page'

/** An action as it runs, and how it ended. Closing it stops nothing. */
export function RunPanel({
  id,
  where = 'tree',
  onEnd,
  onClose,
}: {
  id: string
  where?: Where
  onEnd?: () => void
  onClose: () => void
}) {
  const { t } = useMacro()
  const { state, again } = useAction(id)
  const ended = useRef(onEnd)
  ended.current = onEnd
  const isOver = state.is === 'open' && state.action.status !== 'RUNNING'

  useEffect(() => {
    if (isOver) ended.current?.()
  }, [isOver])

  if (state.is === 'open') return <Run action={state.action} where={where} again={again} onClose={onClose} />
  return (
    <PanelFrame look={LOADING} chip={null} takesFocus={where !== 'list'} onClose={onClose} footer={null}>
      {state.is === 'loading' && <WaitingRows count={4} height={62} label={t`Caricamento…`} />}
      {state.is === 'failed' && <Failure error={state.error} onAgain={again} />}
      {state.is === 'absent' && <Notice title={t`Questa azione non c’è`} />}
    </PanelFrame>
  )
}

function Run({
  action,
  where,
  again,
  onClose,
}: {
  action: ReadAction
  where: Where
  again: () => void
  onClose: () => void
}) {
  const { t } = useMacro()
  const { _, i18n } = useLingui()
  const mayWrite = useMayWrite()
  const look = lookOf(action.kind, _)
  const { nameOf } = useSubjects(action.ticket?.code ?? null)
  const { send, problem } = useSend(action, again)
  const time = (at: string) => clockTime(at, i18n.locale)
  const since = time(action.createdAt)
  const meta = action.finishedAt
    ? `${since} – ${time(action.finishedAt)}`
    : [since, action.operator && shortName(action.operator.name)].filter(Boolean).join(', ')
  const canRetry = mayWrite && action.status === 'WAITING'
  const retry = () => send(RetryAction)
  useKeys(where === 'list' && canRetry ? [{ keys: 'r', label: t`Riprova`, group: 'list', run: retry }] : [])

  return (
    <PanelFrame
      look={look}
      chip={<Chip shown={ACTION_STATUS[action.status]} />}
      meta={meta}
      takesFocus={where !== 'list'}
      onClose={onClose}
      onKey={(key) => {
        if (key !== 'r' || !canRetry) return false
        retry()
        return true
      }}
      footer={
        <>
          {problem && (
            <p className="action-costs" role="alert">
              {problem}
            </p>
          )}
          <Buttons
            action={action}
            mayWrite={mayWrite}
            colour={look.colour}
            onRetry={retry}
            onCancel={() => send(CancelAction)}
            onClose={onClose}
          />
        </>
      }
    >
      {where !== 'tree' && <OfTicket action={action} />}
      <Lead action={action} />
      <Share action={action} />
      <ul className="action-items" aria-live="off">
        {inOrder(action).map((item) => (
          <ActionItemLine key={item.id} item={item} action={action} name={nameOf(item)} />
        ))}
      </ul>
      <More action={action} />
    </PanelFrame>
  )
}

/** What needs a person stands first, once the action waits. */
function inOrder({ status, items: { nodes } }: ReadAction): ReadItem[] {
  if (status !== 'WAITING') return [...nodes]
  return [...nodes.filter(needsPerson), ...nodes.filter((item) => !needsPerson(item))]
}

function More({ action }: { action: ReadAction }) {
  const more = action.itemCount - action.items.nodes.length
  if (more <= 0) return null
  return <p className="action-lead">{plural(more, { one: 'e un’altra voce', other: 'e altre # voci' })}</p>
}

function OfTicket({ action: { ticket, company, id } }: { action: ReadAction }) {
  if (!ticket) return null
  return (
    <p className="action-lead">
      <Link to="/ticket/$code" params={{ code: ticket.code }} search={{ action: id }}>
        {ticket.code}
      </Link>{' '}
      {company && `· ${company.name}`}
    </p>
  )
}

function Lead({ action }: { action: ReadAction }) {
  const { t } = useMacro()
  const { itemCount, attentionCount: open, status } = action
  const done = itemCount - open
  const sentence = {
    RUNNING: t`Puoi continuare a lavorare: l’albero si aggiorna da solo.`,
    WAITING: plural(open, {
      one: `A posto: ${done} su ${itemCount}. Una voce aspetta una decisione.`,
      other: `A posto: ${done} su ${itemCount}. # voci aspettano una decisione.`,
    }),
    COMPLETED: t`Fatto. Ogni voce ha il suo esito.`,
    CANCELLED: t`Fermata. Quello che era già fatto resta fatto.`,
  }[status]
  return (
    <p className="action-lead" role="status">
      {sentence}
    </p>
  )
}

function Share({ action }: { action: ReadAction }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const { itemCount: all, finishedCount: done, attentionCount: open, estimatedEnd, status } = action
  const width = (count: number) => `${(count / (all || 1)) * 100}%`
  const outcomes = action.items.nodes.flatMap(({ outcome }) => (outcome ? [outcome] : []))
  return (
    <div className="action-share">
      {status === 'RUNNING' && (
        <p>
          <b>{t`${done} di ${all}`}</b>
          {estimatedEnd && <span className="quiet">{t`finisce verso le ${clockTime(estimatedEnd, i18n.locale)}`}</span>}
        </p>
      )}
      <span
        className={`segmented ${status.toLowerCase()}`}
        role="progressbar"
        aria-label={t`Avanzamento dell’azione`}
        aria-valuemin={0}
        aria-valuemax={all}
        aria-valuenow={done}
      >
        <i className="done" style={{ width: width(done - open) }} />
        <i className="refused" style={{ width: width(open) }} />
      </span>
      {status !== 'RUNNING' && <Totals outcomes={outcomes} shown={OUTCOME} words={OUTCOME_COUNT} />}
    </div>
  )
}

function Buttons({
  action,
  mayWrite,
  colour,
  onRetry,
  onCancel,
  onClose,
}: {
  action: ReadAction
  mayWrite: boolean
  colour: string
  onRetry: () => void
  onCancel: () => void
  onClose: () => void
}) {
  const { t } = useMacro()
  const [asked, setAsked] = useState(false)
  const count = action.attentionCount
  if (asked && action.status === 'WAITING') {
    return (
      <div className="action-ask" role="group" aria-label={t`Metti via`}>
        <p>
          {plural(count, {
            one: 'La voce non viene più riprovata, e qui resta scritto come è finita. Nel CRM non cambia nulla.',
            other:
              'Le # voci non vengono più riprovate, e qui resta scritto come sono finite. Nel CRM non cambia nulla.',
          })}
        </p>
        <div className="buttons">
          <button type="button" className="button danger" onClick={onCancel}>
            {t`Metti via`}
          </button>
          {/* biome-ignore lint/a11y/noAutofocus: the question takes the place of the button that asked it. */}
          <button type="button" className="button" autoFocus onClick={() => setAsked(false)}>
            {t`Lascia com’è`}
          </button>
        </div>
      </div>
    )
  }
  return (
    <div className="buttons">
      {mayWrite && action.status === 'RUNNING' && (
        <button type="button" className="button danger" onClick={onCancel}>
          {t`Ferma ciò che non è partito`}
        </button>
      )}
      {mayWrite && action.status === 'WAITING' && (
        <>
          <button type="button" className={`button run ${colour}`} onClick={onRetry}>
            <RotateCcw size={14} aria-hidden /> {plural(count, { one: 'Riprova # voce', other: 'Riprova # voci' })}{' '}
            <Kbd>R</Kbd>
          </button>
          <button type="button" className="button" onClick={() => setAsked(true)}>
            {t`Metti via…`}
          </button>
        </>
      )}
      {action.status !== 'WAITING' && (
        <button type="button" className="button plain" onClick={onClose}>
          {action.status === 'RUNNING' ? t`Lascia lavorare` : t`Chiudi`} <Kbd>Esc</Kbd>
        </button>
      )}
    </div>
  )
}

/** Sends what an operator decides about an action, and says why it was refused. */
function useSend(action: ReadAction, again: () => void) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const [problem, setProblem] = useState<string | null>(null)

  async function send(document: typeof RetryAction | typeof CancelAction) {
    setProblem(null)
    try {
      const { answer } = await write(document, { id: action.id, version: action.version })
      const [first] = answer.problems
      // An action moves on while somebody decides: what is there now is read, and shown.
      if (first) setProblem(_(problemWords(first.code)))
      again()
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error
      setProblem(t`Non salvato: l’hub non ha risposto.`)
    }
  }

  return { send: (document: typeof RetryAction | typeof CancelAction) => void send(document), problem }
}
