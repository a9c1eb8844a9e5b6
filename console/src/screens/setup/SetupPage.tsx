import './setup.css'
import { plural } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Check, CircleAlert, Package } from 'lucide-react'
import type { ReactNode } from 'react'
import { useQuery } from 'urql'
import { failureOf } from '../../api/client'
import { written } from '../../api/session'
import { Failure } from '../../app/Failure'
import { useViewer } from '../../app/viewer'
import { Avatar, Kbd, WaitingRows } from '../../ui/parts'
import { ROLE } from '../../words/status'
import { type Setup, SetupQuery } from './documents'

/** In the place of the lists until the first sale: what an installation needs, and what is there already. */
export function SetupPage() {
  const { t } = useMacro()
  const [first = ''] = useViewer().name.split(' ')
  const [{ data, error }, again] = useQuery({ query: SetupQuery, requestPolicy: 'network-only' })
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t`Ciao, ${first}`}</h1>
        <span className="quiet">{t`Un hub nuovo: quattro passi e arriva il primo ticket.`}</span>
      </header>
      {error && <Failure error={failureOf(error)} onAgain={() => again({ requestPolicy: 'network-only' })} />}
      {!data && !error && <WaitingRows count={4} height={96} label={t`Caricamento…`} />}
      {data && (
        <div className="setup">
          <Steps setup={data} />
          <Beside setup={data} />
        </div>
      )}
    </div>
  )
}

function Steps({ setup }: { setup: Setup }) {
  const { t } = useMacro()
  const isDemo = written('demo') === 'true'
  const answers = setup.crmHealth.breaker === 'CLOSED' && setup.crmHealth.lastErrors.length === 0
  const unowned = setup.services.nodes.filter(({ responsible }) => !responsible).length
  const kit = setup.kits.nodes.find(({ active }) => active)?.name
  return (
    <ol className="setup-steps">
      <Step title={t`Collega il CRM`} state={answers ? 'done' : 'open'}>
        <CrmState health={setup.crmHealth} />
      </Step>
      <Step title={t`Esamina il CRM`} state={isDemo ? 'done' : 'open'}>
        {isDemo ? (
          <p>{t`Il CRM della demo è già esaminato: risponde come quello vero, e si può anche guastare.`}</p>
        ) : (
          <>
            <p>{t`Un comando legge soltanto: dice che cosa sa fare la ricerca di questo CRM, e se i numeri impostati esistono davvero.`}</p>
            <Command>python -m server doctor</Command>
          </>
        )}
      </Step>
      <Step title={t`Chi lavora qui`} state={unowned ? 'open' : 'done'}>
        <p>{t`Ogni servizio ha un responsabile, ogni ruolo qualcuno che lo copre. Senza, le vendite aspettano in arrivo.`}</p>
        <People people={setup.operators.nodes} />
        {unowned > 0 && (
          <p className="setup-warning">
            <CircleAlert size={15} aria-hidden />
            {plural(unowned, { one: '# servizio senza responsabile', other: '# servizi senza responsabile' })}
          </p>
        )}
        {!isDemo && (
          <>
            <Command>python -m server operator create</Command>
            <Command>python -m server service responsible</Command>
          </>
        )}
      </Step>
      <Step title={t`La prima vendita`} state="open">
        <p>
          {kit
            ? t`Scrivi nel CRM un’attività che nomini un kit, per esempio «venduto il kit ${kit}»: poco dopo è un ticket.`
            : t`Scrivi nel CRM un’attività che nomini un kit: poco dopo è un ticket.`}
        </p>
        {isDemo && <p>{t`Nella demo basta il pulsante in fondo alla pagina, «Registra una vendita nel CRM».`}</p>}
      </Step>
    </ol>
  )
}

function CrmState({ health }: { health: Setup['crmHealth'] }) {
  const { t } = useMacro()
  const words = health.lastErrors[0]?.crmWords
  if (health.breaker !== 'CLOSED' || health.lastErrors.length) {
    return (
      <>
        <p className="setup-warning">
          <CircleAlert size={15} aria-hidden />
          {t`Il CRM non risponde come dovrebbe.`}
        </p>
        {words && <p>«{words}»</p>}
        <p>{t`Le credenziali stanno nelle variabili d’ambiente: qui non si vedono e non si scrivono.`}</p>
      </>
    )
  }
  const calls = health.callsPerMinute
  return (
    <p>{t`Il CRM risponde, con al più ${calls} chiamate al minuto. Le credenziali stanno nelle variabili d’ambiente: qui non si vedono e non si scrivono.`}</p>
  )
}

function Step({ title, state, children }: { title: string; state: 'done' | 'open'; children: ReactNode }) {
  const { t } = useMacro()
  return (
    <li className={state}>
      <h2>
        {title}
        {state === 'done' && (
          <span className="on-green">
            <Check size={15} aria-hidden /> <span>{t`fatto`}</span>
          </span>
        )}
      </h2>
      {children}
    </li>
  )
}

function Command({ children }: { children: string }) {
  return (
    <p>
      <code>{children}</code>
    </p>
  )
}

function People({ people }: { people: Setup['operators']['nodes'] }) {
  const { _ } = useLingui()
  return (
    <ul className="setup-people">
      {people.map(({ id, name, role }) => (
        <li key={id} className="person">
          <Avatar name={name} />
          <span>
            {name}, {_(ROLE[role]).toLowerCase()}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Beside({ setup }: { setup: Setup }) {
  const { t } = useMacro()
  const kits = plural(setup.kits.totalCount, { one: '# kit', other: '# kit' })
  const services = plural(setup.services.totalCount, { one: '# servizio', other: '# servizi' })
  const workflows = plural(setup.workflowTemplates.totalCount, { one: '# flusso', other: '# flussi' })
  const soon = [
    [t`Vendite da smistare`, t`quelle che l’hub non sa leggere da solo`],
    [t`I tuoi task`, t`per scadenza, con la luce accanto`],
    [t`Errori del CRM`, t`solo quando serve una persona`],
  ] as const
  return (
    <aside className="setup-beside" aria-label={t`Da sapere`}>
      <h2>{t`Che cosa comparirà qui`}</h2>
      <dl className="setup-card">
        {soon.map(([title, sentence]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd className="quiet">{sentence}</dd>
          </div>
        ))}
      </dl>
      <h2>{t`Il catalogo c’è già`}</h2>
      <p className="setup-card with-icon">
        <Package size={18} aria-hidden />
        <strong>
          {kits}, {services}, {workflows}
        </strong>
      </p>
      <h2>{t`Le vendite di prima`}</h2>
      <p>{t`Ciò che è stato venduto prima di oggi resta nel CRM. Da GraphiQL si importa un’attività alla volta, con il suo numero.`}</p>
      <p className="quiet">
        <Kbd>Ctrl K</Kbd> {t`porta ovunque`}, <Kbd>?</Kbd> {t`mostra i tasti`}
      </p>
    </aside>
  )
}
