import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Clock, Eye, Lock, Play, RefreshCw, Timer, TriangleAlert } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Failure } from '../../app/Failure'
import { useKeys } from '../../app/keys'
import { Kbd, WaitingRows } from '../../ui/parts'
import { money } from '../../words/figures'
import { FORESEEN, FORESEEN_COUNT } from '../../words/outcomes'
import { problemWords } from '../../words/problems'
import type { Press } from './address'
import { BUTTONS, type Choices } from './buttons'
import type { Preview, PreviewItem, Subjects } from './documents'
import { ItemLine, PanelFrame, Totals } from './parts'
import { usePreview } from './usePreview'
import { useSubjects } from './useSubjects'

const LIFTED_BY_A_REASON = ['TICKET_NOT_CLOSED', 'MANDATORY_LINES_LEFT_OUT']

/** What a button would do now, record by record. Nothing is written until it is run. */
export function PreviewPanel({
  press,
  code,
  onStarted,
  onClose,
}: {
  press: Press
  code: string
  onStarted: (actionId: string) => void
  onClose: () => void
}) {
  const { t } = useMacro()
  const look = BUTTONS[press.button]
  const [choices, setChoices] = useState<Choices>({ lines: null, override: null })
  const { subjects, nameOf } = useSubjects(code)
  const { state, stale, running, start, again } = usePreview(press, choices, onStarted)
  const preview = state.is === 'open' ? state.preview : null
  const mayRun = Boolean(preview?.planToken) && !stale && !running
  useKeys(mayRun ? [{ keys: 'ctrl+Enter', label: t`Esegui`, group: 'task', run: start }] : [])

  return (
    <PanelFrame
      look={look}
      onClose={onClose}
      chip={
        <span className="chip tone-grey">
          <Eye size={14} aria-hidden /> {t`Anteprima`}
        </span>
      }
      footer={
        <>
          {preview?.items && <Costs preview={preview} />}
          <div className="buttons">
            <button
              type="button"
              className={`button run ${look.colour}`}
              aria-disabled={!mayRun}
              onClick={() => mayRun && start()}
            >
              <Play size={14} aria-hidden /> {running ? t`Parte…` : t`Esegui`} <Kbd>{t`Ctrl Invio`}</Kbd>
            </button>
            <button type="button" className="button" onClick={onClose}>
              {t({ message: 'Annulla', context: 'preview' })}
            </button>
          </div>
        </>
      }
    >
      <p className="action-lead">{t`Ecco che cosa succederebbe adesso. Nulla parte finché non confermi.`}</p>
      {state.is === 'loading' && <WaitingRows count={4} height={62} label={t`Caricamento…`} />}
      {state.is === 'failed' && <Failure error={state.error} onAgain={again} />}
      {stale && <Stale changed={stale} nameOf={nameOf} onAgain={again} />}
      {preview && (
        <>
          {preview.items && (
            <Items
              preview={preview}
              press={press}
              subjects={subjects}
              choices={choices}
              nameOf={nameOf}
              onChoose={setChoices}
            />
          )}
          {preview.problems.map((problem) => (
            <ProblemBox
              key={problem.code}
              code={problem.code}
              onReason={
                LIFTED_BY_A_REASON.includes(problem.code)
                  ? (override) => setChoices({ ...choices, override })
                  : undefined
              }
            />
          ))}
          {choices.override && preview.items && (
            <p className="action-note">
              <Lock size={15} aria-hidden />
              <span>{t`Motivo, che resta agli atti: ${choices.override}`}</span>
            </p>
          )}
        </>
      )}
    </PanelFrame>
  )
}

function Items({
  preview,
  press,
  subjects,
  choices,
  nameOf,
  onChoose,
}: {
  preview: Preview
  press: Press
  subjects: Subjects | null
  choices: Choices
  nameOf: (item: PreviewItem) => string
  onChoose: (choices: Choices) => void
}) {
  const { _, i18n } = useLingui()
  const { t } = useMacro()
  const items = preview.items ?? []
  // Only 🟡 is pressed for lines, which have amounts and can be left out.
  const lines = press.button === 'generate' ? (subjects?.lines ?? []) : []
  const shown = new Set(items.map((item) => item.subjectId))
  const leftOut = choices.lines ? lines.filter((line) => !shown.has(line.id)) : []
  const lineOf = (item: PreviewItem) => lines.find((line) => line.id === item.subjectId)
  const amount = (line: (typeof lines)[number]) => money(Number(line.amount), line.currency, i18n.locale)
  const included = items.map(lineOf).filter((line) => line !== undefined)
  const sum = included.reduce((whole, line) => whole + Number(line.amount), 0)
  const choose = (id: string, wanted: boolean) => {
    const chosen = lines.filter((line) => (line.id === id ? wanted : shown.has(line.id))).map((line) => line.id)
    onChoose({ ...choices, lines: chosen.length === lines.length ? null : chosen })
  }

  return (
    <>
      <div className="action-totals">
        <Totals outcomes={items.map((item) => item.outcome)} shown={FORESEEN} words={FORESEEN_COUNT} />
        {included[0] && <b>{money(sum, included[0].currency, i18n.locale)}</b>}
      </div>
      <ul className="action-items">
        {items.map((item) => {
          const line = lineOf(item)
          return (
            <ItemLine
              key={item.reference ?? item.label}
              shown={FORESEEN[item.outcome]}
              name={nameOf(item)}
              what={
                <>
                  {_(FORESEEN[item.outcome].word)}
                  {item.outcome === 'ADOPT'
                    ? `: ${t`nel CRM ha già il nostro codice`}`
                    : item.reference && ` · ${item.reference}`}
                </>
              }
              amount={line && amount(line)}
              crmId={item.crmId}
              crmUrl={item.crmUrl}
            >
              {item.explanation && item.outcome !== 'ADOPT' && (
                <span lang="en" className="item-why">
                  {item.explanation}
                </span>
              )}
              {line && !line.mandatory && item.outcome === 'CREATE' && (
                <button type="button" className="link" onClick={() => choose(line.id, false)}>
                  {t`Togli`}
                </button>
              )}
            </ItemLine>
          )
        })}
        {leftOut.map((line) => (
          <ItemLine
            key={line.id}
            shown={FORESEEN.SKIP}
            name={line.name}
            what={line.mandatory ? t`non scelta` : t`riga facoltativa, non scelta`}
            amount={<s>{amount(line)}</s>}
          >
            <button type="button" className="link" onClick={() => choose(line.id, true)}>
              {t`Includi`}
            </button>
          </ItemLine>
        ))}
      </ul>
    </>
  )
}

/** A problem that prevents the run; some are lifted by a reason. */
function ProblemBox({ code, onReason }: { code: string; onReason: ((reason: string) => void) | undefined }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const [reason, setReason] = useState('')

  function submit(event: FormEvent) {
    event.preventDefault()
    if (reason.trim()) onReason?.(reason.trim())
  }

  return (
    <div className="action-problem" role="alert">
      <p>
        <Lock size={15} aria-hidden />
        <span>
          <b>{_(problemWords(code))}</b> {onReason && t`Per procedere lo stesso scrivi perché: resta agli atti.`}
        </span>
      </p>
      {onReason && (
        <form onSubmit={submit}>
          <input
            // biome-ignore lint/a11y/noAutofocus: the reason is all that is missing.
            autoFocus
            aria-label={t`Motivo`}
            placeholder={t`Perché procedere lo stesso`}
            maxLength={1_000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <button type="submit" className="button" disabled={!reason.trim()}>
            {t`Mostra l’anteprima`} <Kbd>{t`Invio`}</Kbd>
          </button>
        </form>
      )}
    </div>
  )
}

/** Between preview and run something changed: what, and another look. */
function Stale({
  changed,
  nameOf,
  onAgain,
}: {
  changed: readonly PreviewItem[]
  nameOf: (item: PreviewItem) => string
  onAgain: () => void
}) {
  const { t } = useMacro()
  const names = changed.map(nameOf).join(', ')
  return (
    <div className="action-stale" role="alert">
      <TriangleAlert size={16} aria-hidden />
      <span>
        <b>{t`L’anteprima non vale più.`}</b> {names ? t`È cambiato: ${names}.` : t`Nel frattempo qualcosa è cambiato.`}{' '}
        {t`Nulla è stato scritto.`}
      </span>
      <button type="button" className="button" onClick={onAgain}>
        <RefreshCw size={14} aria-hidden /> {t`Rifai l’anteprima`}
      </button>
    </div>
  )
}

function Costs({ preview }: { preview: Preview }) {
  const { t } = useMacro()
  const { crmCalls, estimatedSeconds, crmRead, mirrorAgeSeconds } = preview
  const age = Math.round((mirrorAgeSeconds ?? 0) / 60)
  return (
    <p className="action-costs">
      <span>
        <Timer size={14} aria-hidden /> {plural(crmCalls ?? 0, { one: '# chiamata', other: '# chiamate' })},{' '}
        {t`circa ${estimatedSeconds ?? 0} s`}
      </span>
      <span>
        <Clock size={14} aria-hidden />{' '}
        {crmRead
          ? t`CRM letto adesso`
          : mirrorAgeSeconds === null
            ? t`CRM non letto`
            : age < 1
              ? t`La nostra copia del CRM è di adesso`
              : plural(age, {
                  one: 'La nostra copia del CRM ha # minuto',
                  other: 'La nostra copia del CRM ha # minuti',
                })}
      </span>
    </p>
  )
}
