import { useLingui } from '@lingui/react'
import { useLingui as useMacro } from '@lingui/react/macro'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { LogOut, Moon, Search, SquareTerminal, Sun } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { signOut, written } from '../api/session'
import hub from '../ui/hub.svg'
import { Avatar, Kbd } from '../ui/parts'
import { clockTime } from '../words/figures'
import { ROLE } from '../words/status'
import { useConnection } from './connection'
import { Failure } from './Failure'
import { useKeys } from './keys'
import { useNarrow } from './narrow'
import { PLACES } from './navigation'
import { language, theme, usePreference } from './preferences'
import { usePreload } from './preload'
import { ToastLine } from './toast'
import { useSignedIn, type Viewer, ViewerContext } from './viewer'
import { followPulse, useWork } from './work'

const loadPalette = () => import('./Palette').then(({ Palette }) => ({ default: Palette }))
const Palette = lazy(loadPalette)
const DemoBar = lazy(() => import('./DemoBar').then(({ DemoBar }) => ({ default: DemoBar })))
const KeyHelp = lazy(() => import('./KeyHelp').then(({ KeyHelp }) => ({ default: KeyHelp })))

/** What is on every screen: where one can go, who is signed in, and whether the hub is there. */
export function Shell() {
  const { _ } = useLingui()
  const { t } = useMacro()
  const navigate = useNavigate()
  const { viewer, failure, again } = useSignedIn()
  const isNarrow = useNarrow()
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null)

  useKeys([
    { keys: 'ctrl+k', label: t`Cerca o comanda`, group: 'everywhere', run: () => setOpen('palette') },
    { keys: '/', label: t`Cerca`, group: 'everywhere', run: () => setOpen('palette') },
    // A phone has no keys, and their names are not shown there.
    ...(isNarrow
      ? []
      : [{ keys: '?', label: t`Tutti i tasti`, group: 'everywhere' as const, run: () => setOpen('keys') }]),
    ...PLACES.map((place) => ({
      keys: place.key,
      label: _(place.word),
      group: 'go' as const,
      run: () => void navigate({ to: place.path }),
    })),
  ])

  // The socket needs the session, so it opens once somebody is known to be signed in.
  useEffect(() => {
    if (!viewer) return
    return followPulse()
  }, [viewer])
  usePreload(loadPalette, viewer !== undefined)

  return (
    <div className="frame">
      <a className="skip" href="#main">{t`Vai al contenuto`}</a>
      <Navigation viewer={viewer} onSearch={() => setOpen('palette')} />
      <main id="main" tabIndex={-1}>
        <ConnectionBanner />
        {failure && <Failure alone error={failure} onAgain={again} />}
        {viewer && (
          <ViewerContext value={viewer}>
            <Outlet />
          </ViewerContext>
        )}
        {viewer && written('demo') === 'true' && viewer.role !== 'VIEWER' && (
          <Suspense>
            <DemoBar />
          </Suspense>
        )}
      </main>
      <ToastLine />
      {/* What is typed while a dialog loads is no command. */}
      <Suspense fallback={<div data-modal="" />}>
        {open === 'palette' && <Palette onClose={() => setOpen(null)} />}
        {open === 'keys' && !isNarrow && <KeyHelp onClose={() => setOpen(null)} />}
      </Suspense>
    </div>
  )
}

function Navigation({ viewer, onSearch }: { viewer: Viewer | undefined; onSearch: () => void }) {
  const { _ } = useLingui()
  const { t } = useMacro()
  const work = useWork()
  return (
    <nav className="navigation" aria-label={t`Console`}>
      <div className="brand">
        <img src={hub} alt="" width="26" height="26" />
        <span>IntelligenceHub</span>
      </div>
      <button type="button" className="search-button" onClick={onSearch}>
        <Search size={16} aria-hidden />
        <span>{t`Cerca o comanda`}</span>
        <Kbd>Ctrl K</Kbd>
      </button>
      <ul>
        {PLACES.map((place) => (
          <li key={place.path}>
            <Link to={place.path} className="place" activeProps={{ 'aria-current': 'page' }}>
              <place.icon size={17} aria-hidden />
              <span>{_(place.word)}</span>
              {work && place.count && place.count(work) > 0 && <span className="count">{place.count(work)}</span>}
            </Link>
          </li>
        ))}
        {written('graphiql') === 'true' && (
          <li className="wide">
            <a href="/graphiql" className="place">
              <SquareTerminal size={17} aria-hidden />
              <span>GraphiQL</span>
            </a>
          </li>
        )}
        <li className="narrow">
          <button type="button" className="place" onClick={onSearch}>
            <Search size={17} aria-hidden />
            <span>{t`Cerca`}</span>
          </button>
        </li>
      </ul>
      <div className="navigation-foot">
        <ConnectionMark />
        <div className="switches">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
        {viewer && (
          <div className="viewer">
            <Avatar name={viewer.name} />
            <span>
              <strong>{viewer.name}</strong>
              <span>{_(ROLE[viewer.role])}</span>
            </span>
            <button type="button" className="icon-button" aria-label={t`Esci`} title={t`Esci`} onClick={signOut}>
              <LogOut size={16} aria-hidden />
            </button>
          </div>
        )}
      </div>
    </nav>
  )
}

export function LanguageSwitch() {
  const { t } = useMacro()
  const chosen = usePreference(language)
  return (
    <div className="segments" role="group" aria-label={t`Lingua`}>
      {(['it', 'en'] as const).map((one) => (
        <button key={one} type="button" aria-pressed={chosen === one} lang={one} onClick={() => language.set(one)}>
          <span aria-hidden>{one.toUpperCase()}</span>
          <span className="unseen">{one === 'it' ? 'Italiano' : 'English'}</span>
        </button>
      ))}
    </div>
  )
}

export function ThemeSwitch() {
  const { t } = useMacro()
  const dark = usePreference(theme) === 'dark'
  const label = dark ? t`Tema chiaro` : t`Tema scuro`
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      onClick={() => theme.set(dark ? 'light' : 'dark')}
    >
      {dark ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />}
    </button>
  )
}

function ConnectionMark() {
  const { t } = useMacro()
  const { state } = useConnection()
  const live = state === 'live' || state === 'waiting'
  return (
    <span className={live ? 'connection live' : 'connection'}>
      <i aria-hidden />
      {live ? t`In diretta` : state === 'connecting' ? t`Si collega…` : t`Non in diretta`}
    </span>
  )
}

function ConnectionBanner() {
  const { i18n } = useLingui()
  const { t } = useMacro()
  const { state, dataAt } = useConnection()
  const [lost, setLost] = useState(false)
  useEffect(() => setLost(state === 'lost'), [state])
  const time = clockTime(dataAt, i18n.locale)
  return (
    <div role="status" className="banner-place">
      {lost && <div className="banner">{t`Non in diretta, dati delle ${time}`}</div>}
    </div>
  )
}
