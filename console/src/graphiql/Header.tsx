import hub from '../ui/hub.svg'

const ROLES: Record<string, string> = {
  VIEWER: 'sola lettura',
  OPERATOR: 'operatore',
  ADMIN: 'amministratore',
}

/** Whose hub this is, the way back to the console, who is signed in, and the way out. */
export function Header() {
  const role = written('viewer-role')
  return (
    <header className="hub">
      <img src={hub} alt="" width="24" height="24" />
      <h1>IntelligenceHub</h1>
      <span className="place">GraphiQL</span>
      <nav aria-label="Collegamenti">
        <a href="/">Console</a>
        <a href="/readyz" target="_blank" rel="noreferrer">
          Stato del servizio
        </a>
      </nav>
      <span className="viewer">
        {written('viewer-name')} <small>{ROLES[role] ?? role}</small>
      </span>
      <form action="/sign-out" method="post">
        <button type="submit">Esci</button>
      </form>
    </header>
  )
}

/** What the server wrote into the page's head. */
function written(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''
}
