import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Building2, CircleAlert, Ticket } from 'lucide-react'
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useQuery } from 'urql'
import { RequestFailed, read } from '../../api/client'
import { Failure } from '../../app/Failure'
import { useKeys } from '../../app/keys'
import { useMayWrite } from '../../app/viewer'
import { Choice } from '../../ui/Choice'
import { Kbd } from '../../ui/parts'
import { INTAKE_REASON } from '../../words/intake'
import { Candidate } from './Candidate'
import { ChoicesQuery, IntakeItemQuery, type Item, type ListedItem } from './documents'
import { Marked } from './Marked'
import { useSettle } from './useSettle'

/** A sale that the hub could not take in alone: what the seller wrote, why it waits, and the decision. */
export function IntakePane({
  listed,
  settled,
  onChanged,
  back,
}: {
  listed: ListedItem
  /** The list has it no more. */
  settled: boolean
  onChanged: () => void
  back: ReactNode
}) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const { id } = listed
  const [item, setItem] = useState<Item>()
  const [error, setError] = useState<RequestFailed>()
  const [run, setRun] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a run is another try; what the list says tells of a change.
  useEffect(() => {
    let wanted = true
    // Whoever runs past many rows asks for none of them.
    const timer = setTimeout(() => {
      read(IntakeItemQuery, { id }).then(
        ({ node }) => wanted && node && 'evidence' in node && setItem(node),
        (failure) => wanted && failure instanceof RequestFailed && setError(failure),
      )
    }, 100)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [id, listed, settled, run])

  const again = () => {
    setError(undefined)
    setRun(run + 1)
    onChanged()
  }
  if (error && !item) return <Failure error={error} onAgain={again} />
  return (
    <>
      <section>
        <p className="pane-top">
          {back}
          <span className="chip tone-violet plain">{_(INTAKE_REASON[listed.reason].word)}</span>
          <span className="quiet end">{t`Attività ${listed.crmActivityId} nel CRM`}</span>
        </p>
        <h2>{listed.shownSubject ?? t`Senza oggetto`}</h2>
        {item?.crmCompanyId && (
          <p className="quiet with-icon">
            <Building2 size={14} aria-hidden /> {t`Azienda ${item.crmCompanyId} nel CRM`}
          </p>
        )}
        {item && <Text item={item} />}
        {item && <Why item={item} />}
      </section>
      {item && <Decision key={item.version} item={item} onSettled={again} />}
    </>
  )
}

function Text({ item }: { item: Item }) {
  const { t } = useMacro()
  const marks = (source: 'TITLE' | 'DESCRIPTION') => item.evidence.filter((mark) => mark.source === source)
  const inTitle = marks('TITLE')
  if (!item.shownDescription && !inTitle.length) return null
  return (
    <div className="seller-text">
      <h3>{t`Cosa ha scritto il venditore`}</h3>
      {inTitle.length > 0 && (
        <p>
          <Marked text={item.shownSubject ?? ''} marks={inTitle} />
        </p>
      )}
      {item.shownDescription && (
        <p>
          <Marked text={item.shownDescription} marks={marks('DESCRIPTION')} />
        </p>
      )}
    </div>
  )
}

function Why({ item }: { item: Item }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  return (
    <div className="intake-why">
      <CircleAlert size={16} aria-hidden />
      <div>
        <p>{_(INTAKE_REASON[item.reason].sentence)}</p>
        {item.crmWords && (
          <p>
            {t`Il CRM ha detto:`} «{item.crmWords}»
          </p>
        )}
      </div>
    </div>
  )
}

/** The decision, for those who may take it, or how it was taken. */
function Decision({ item, onSettled }: { item: Item; onSettled: () => void }) {
  const mayWrite = useMayWrite()
  if (item.status !== 'WAITING') return <Settled item={item} />
  if (!mayWrite) return null
  return item.ticket ? (
    <KeepTicket item={item} onSettled={onSettled} />
  ) : (
    <MakeTicket item={item} onSettled={onSettled} />
  )
}

function Settled({ item }: { item: Item }) {
  const { t } = useMacro()
  const note = useRef<HTMLParagraphElement>(null)

  // The button that decided is gone, and its focus with it.
  useEffect(() => {
    if (document.activeElement === document.body) note.current?.focus()
  }, [])

  return (
    <p className="settled-note" role="status" tabIndex={-1} ref={note}>
      {item.status === 'DISMISSED' ? t`Scartata: non diventa un ticket.` : t`Decisa.`}{' '}
      {item.ticket && (
        <Link to="/ticket/$code" params={{ code: item.ticket.code }}>
          <Ticket size={14} aria-hidden /> {item.ticket.code}
        </Link>
      )}
    </p>
  )
}

// The text says which kit is sold; something else is open.
const NOT_ABOUT_KIT: readonly Item['reason'][] = [
  'UNKNOWN_COMPANY',
  'NO_OWNER',
  'CODE_TAKEN',
  'REQUEST_UNSETTLED',
  'NOT_TAKEN_IN',
  'TOO_LONG',
]

/** The kit that is sold beyond doubt. In doubt nothing is chosen: the hub does not guess. */
function saidKit({ reason, candidateKits }: Item): string | null {
  const [only, ...others] = candidateKits
  return only && !others.length && NOT_ABOUT_KIT.includes(reason) ? only.code : null
}

function MakeTicket({ item, onSettled }: { item: Item; onSettled: () => void }) {
  const { t } = useMacro()
  const name = useId()
  const [{ data }] = useQuery({ query: ChoicesQuery })
  const [kitCode, setKitCode] = useState(saidKit(item))
  const [ownerId, setOwnerId] = useState('')
  const [asked, setAsked] = useState(false)
  const { send, busy, problem } = useSettle(item, onSettled)
  const offered = item.candidateKits.some(({ code }) => code === kitCode)
  const asksOwner = item.reason === 'NO_OWNER'
  const missing = !kitCode ? t`Scegli prima il kit.` : asksOwner && !ownerId ? t`Scegli prima il responsabile.` : null

  function choose(code: string) {
    setKitCode(code)
    document.getElementById(`${name}-${code}`)?.focus()
  }

  useKeys(
    item.candidateKits.slice(0, 9).map((kit, at) => ({
      keys: String(at + 1),
      label: kit.name,
      group: 'list' as const,
      run: () => choose(kit.code),
    })),
  )

  function create(event: FormEvent) {
    event.preventDefault()
    if (!missing && !busy) send({ is: 'resolve', kitCode, ownerId: ownerId || null })
  }

  return (
    <form className="decision" onSubmit={create}>
      <div>
        <fieldset>
          <legend>{t`Quale kit è stato venduto?`}</legend>
          <div className="candidates">
            {item.candidateKits.map((kit, at) => (
              <Candidate
                key={kit.id}
                id={`${name}-${kit.code}`}
                name={name}
                kit={kit}
                number={at + 1}
                chosen={kit.code === kitCode}
                onChoose={() => setKitCode(kit.code)}
              />
            ))}
          </div>
          <Choice
            label={item.candidateKits.length ? t`Un altro kit` : t`Kit`}
            chosen={offered ? '' : (kitCode ?? '')}
            options={[
              { id: '', name: t`dal catalogo…` },
              ...(data?.kits.nodes ?? []).map((kit) => ({ id: kit.code, name: kit.name })),
            ]}
            onChoose={(code) => setKitCode(code || null)}
          />
        </fieldset>
        <div className="decision-owner">
          <h3>{t`Responsabile`}</h3>
          <Choice
            label={t`Chi`}
            chosen={ownerId}
            options={[
              { id: '', name: asksOwner ? t`da scegliere…` : t`come dicono CRM e servizio` },
              ...(data?.operators.nodes ?? []),
            ]}
            onChoose={setOwnerId}
          />
        </div>
      </div>
      <footer>
        {problem && (
          <p role="alert" className="refusal">
            {problem}
          </p>
        )}
        {asked ? (
          <Sure
            sentence={t`Questa attività non diventerà un ticket, neanche se nel CRM cambia. Scartarla?`}
            yes={t`Scarta`}
            onYes={() => send({ is: 'dismiss' })}
            onNo={() => setAsked(false)}
          />
        ) : (
          <div className="buttons">
            <button
              type="submit"
              className="button primary"
              aria-disabled={Boolean(missing)}
              title={missing ?? undefined}
            >
              {t`Crea il ticket`} <Kbd>{t`Invio`}</Kbd>
            </button>
            <button type="button" className="button" onClick={() => setAsked(true)}>
              {t`Scarta…`}
            </button>
          </div>
        )}
      </footer>
    </form>
  )
}

/** The sale of a ticket changed in the CRM: it stays as it is, or is cancelled in its tree. */
function KeepTicket({ item, onSettled }: { item: Item; onSettled: () => void }) {
  const { t } = useMacro()
  const { send, problem } = useSettle(item, onSettled)
  return (
    <div className="decision">
      <div>
        <p>
          {t`Il suo ticket:`}{' '}
          {item.ticket && (
            <Link to="/ticket/$code" params={{ code: item.ticket.code }}>
              {item.ticket.code} {item.ticket.kit?.name}
            </Link>
          )}
        </p>
      </div>
      <footer>
        {problem && (
          <p role="alert" className="refusal">
            {problem}
          </p>
        )}
        <div className="buttons">
          <button type="button" className="button primary" onClick={() => send({ is: 'dismiss' })}>
            {t`Tieni il ticket com’è`}
          </button>
        </div>
      </footer>
    </div>
  )
}

function Sure({ sentence, yes, onYes, onNo }: { sentence: string; yes: string; onYes: () => void; onNo: () => void }) {
  const { t } = useMacro()
  return (
    <>
      <p>{sentence}</p>
      <div className="buttons">
        <button type="button" className="button danger" onClick={onYes}>
          {yes}
        </button>
        {/* biome-ignore lint/a11y/noAutofocus: the question takes the place of the button that asked it. */}
        <button type="button" className="button" autoFocus onClick={onNo}>
          {t`Lascia com’è`}
        </button>
      </div>
    </>
  )
}
