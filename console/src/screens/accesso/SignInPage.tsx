import './accesso.css'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { useSearch } from '@tanstack/react-router'
import { Check, CircleAlert, KeyRound, Link2, ShieldCheck } from 'lucide-react'
import { type FormEvent, useEffect, useId, useState } from 'react'
import { read } from '../../api/client'
import { type SignInRefusal, showedSession, signIn, written } from '../../api/session'
import { LanguageSwitch, ThemeSwitch } from '../../app/Shell'
import { ViewerQuery } from '../../app/viewer'
import hub from '../../ui/hub.svg'
import { Kbd } from '../../ui/parts'
import { longDay } from '../../words/figures'

/** Where a link or a token becomes a session; it leads back to where one was. */
export function SignInPage() {
  const { t } = useMacro()
  const { to, code, signedOut } = useSearch({ from: '/accedi' })

  useEffect(() => {
    document.title = `${t`Accedi`} · IntelligenceHub`
  }, [t])

  useEffect(() => {
    // A page that another site linked to came without the session, which the browser sends only from our own pages.
    if (code || signedOut || !showedSession()) return
    read(ViewerQuery, {}).then(
      () => goOn(to),
      () => undefined,
    )
  }, [to, code, signedOut])

  return (
    <div className="sign-in">
      <main className="sign-in-side">
        <header className="brand">
          <img src={hub} alt="" width="28" height="28" />
          <span>IntelligenceHub</span>
        </header>
        <div className="sign-in-form">
          <h1>{t`Accedi`}</h1>
          {signedOut && <p role="status">{t`Sessione chiusa. Per rientrare serve un nuovo link, o il tuo token.`}</p>}
          {code ? <ByLink code={code} to={to} /> : <ByToken to={to} />}
        </div>
        <footer>
          <span>
            <ShieldCheck size={14} aria-hidden /> {t`La sessione resta in questo browser e finisce quando esci`}
          </span>
          <LanguageSwitch />
          <ThemeSwitch />
        </footer>
      </main>
      <Story />
    </div>
  )
}

function ByLink({ code, to }: { code: string; to: string | undefined }) {
  const { t } = useMacro()
  const [refusal, setRefusal] = useState<SignInRefusal | null>(null)
  const [busy, setBusy] = useState(false)

  async function enter(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    const refused = await signIn({ code })
    setBusy(false)
    setRefusal(refused)
    if (!refused) goOn(to)
  }

  const spent = refusal?.code === 'LINK_SPENT'
  return (
    <>
      <form onSubmit={enter}>
        <p>{t`Questo link fa entrare una volta sola, entro dieci minuti.`}</p>
        {refusal && <Refusal refusal={refusal} />}
        {!spent && (
          // biome-ignore lint/a11y/noAutofocus: the button is all that the page is for.
          <button type="submit" className="button primary wide" disabled={busy} autoFocus>
            {t`Entra`} <Kbd>{t`Invio`}</Kbd>
          </button>
        )}
      </form>
      {spent && <ByToken to={to} />}
    </>
  )
}

function ByToken({ to }: { to: string | undefined }) {
  const { t } = useMacro()
  const field = useId()
  const [token, setToken] = useState('')
  const [shown, setShown] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<SignInRefusal | null>(null)

  async function enter(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    const refused = await signIn({ token: token.trim() })
    setBusy(false)
    setRefusal(refused)
    if (!refused) goOn(to)
  }

  return (
    <>
      <form onSubmit={enter}>
        <p>{t`Apri il link di accesso che hai ricevuto, oppure incolla il tuo token.`}</p>
        <label htmlFor={field}>{t`Token`}</label>
        <div className="token-field" data-invalid={refusal !== null || undefined}>
          <KeyRound size={16} aria-hidden />
          <input
            id={field}
            // biome-ignore lint/a11y/noAutofocus: the field is what the page is for.
            autoFocus
            type={shown ? 'text' : 'password'}
            autoComplete="off"
            spellCheck={false}
            required
            placeholder="ihub_…"
            value={token}
            aria-invalid={refusal !== null}
            aria-describedby={refusal ? `${field}-refusal` : undefined}
            onChange={(event) => {
              setToken(event.target.value)
              setRefusal(null)
            }}
          />
          <button type="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? t`Nascondi` : t`Mostra`}
          </button>
        </div>
        {refusal && <Refusal refusal={refusal} id={`${field}-refusal`} />}
        <button type="submit" className="button primary wide" disabled={busy}>
          {t`Entra`} <Kbd>{t`Invio`}</Kbd>
        </button>
      </form>
      <div className="or">{t`oppure`}</div>
      <LinkCommand />
    </>
  )
}

function LinkCommand() {
  const { t } = useMacro()
  const [copied, setCopied] = useState(false)
  const command = written('sign-in-command')
  return (
    <section className="link-command">
      <h2>
        <Link2 size={16} aria-hidden /> {t`Con un link di accesso`}
      </h2>
      <p>{t`Vale una volta, per dieci minuti. Lo crea chi amministra l’hub:`}</p>
      <div>
        <code>{command}</code>
        <button
          type="button"
          onClick={() => {
            navigator.clipboard.writeText(command).then(
              () => setCopied(true),
              () => setCopied(false),
            )
          }}
        >
          {copied ? t`Copiato` : t`Copia`}
        </button>
      </div>
    </section>
  )
}

function Refusal({ refusal, id }: { refusal: SignInRefusal; id?: string }) {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const day = refusal.endedAt ? longDay(refusal.endedAt.slice(0, 10), i18n.locale) : ''
  const sentences: Record<string, string> = {
    LINK_SPENT: t`Questo link di accesso non vale più: vale una volta sola, per dieci minuti.`,
    TOKEN_EXPIRED: t`Questo token è scaduto il ${day}. Chiedine uno nuovo a un amministratore.`,
    TOKEN_REVOKED: t`Questo token è stato revocato il ${day}. Chiedine uno nuovo a un amministratore.`,
    UNKNOWN_TOKEN: t`Questo token non è valido. Controlla di averlo incollato tutto.`,
    FOREIGN_PAGE: t`Il browser non ha detto da quale pagina arriva la richiesta. Apri l’hub dal suo indirizzo.`,
    UNREACHABLE: t`L’hub non risponde. Controlla la rete e riprova.`,
  }
  return (
    <p className="refusal" role="alert" id={id}>
      <CircleAlert size={16} aria-hidden />
      <span>{sentences[refusal.code] ?? t`L’hub ora non può rispondere. Riprova tra poco.`}</span>
    </p>
  )
}

/** What the product does, in five lines. The buttons keep their Italian names in every language. */
function Story() {
  const { t } = useMacro()
  const steps = [
    { mark: '1', tone: 'plain', title: t`Una vendita nel CRM`, more: t`diventa un ticket, con l’onboarding` },
    { mark: '2', tone: 'yellow', title: 'Genera Opportunità', more: t`una per ogni servizio venduto` },
    { mark: '3', tone: 'orange', title: 'Sincronizza Opportunità', more: t`ognuna torna come ticket figlio` },
    { mark: '4', tone: 'violet', title: 'Genera Attività CRM', more: t`il lavoro si vede nel CRM` },
    {
      mark: <Check size={18} aria-hidden />,
      tone: 'green',
      title: t`Fatto, e una volta sola`,
      more: t`anche se il CRM cade a metà`,
    },
  ]
  return (
    <aside className="sign-in-story" aria-label={t`Come funziona`}>
      <ol>
        {steps.map((step) => (
          <li key={step.tone}>
            <span className={`step ${step.tone}`}>{step.mark}</span>
            <span>
              <strong>{step.title}</strong>
              <span>{step.more}</span>
            </span>
          </li>
        ))}
      </ol>
    </aside>
  )
}

/** Leaves for a page of ours; an address elsewhere is not followed. */
function goOn(to: string | undefined) {
  const target = new URL(to ?? '/', window.location.origin)
  const ours = target.origin === window.location.origin
  window.location.replace(ours ? target.pathname + target.search : '/')
}
