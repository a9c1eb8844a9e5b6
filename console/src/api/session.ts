const PAGE = '/accedi'

let leaving = false
// The browser may show a page again that was left.
window.addEventListener('pageshow', () => {
  leaving = false
})

/** Leads to the sign-in page, which comes back to where we are. */
export function goToSignIn() {
  if (leaving || window.location.pathname === PAGE) return
  const here = window.location.pathname + window.location.search
  window.location.replace(`${PAGE}?to=${encodeURIComponent(here)}`)
}

/** Whether the browser showed a session when it opened the page. It shows none to a page that another site linked to. */
export function showedSession(): boolean {
  return written('session') === 'true'
}

/** Why nobody was signed in: `code` names it, `endedAt` is when the token ended. */
export type SignInRefusal = { code: string; endedAt?: string }

/** Exchanges a link's code or a token for a session. Null: it worked. */
export async function signIn(by: { code: string } | { token: string }): Promise<SignInRefusal | null> {
  const url = 'code' in by ? `/sign-in?code=${encodeURIComponent(by.code)}` : '/sign-in'
  const headers: HeadersInit = 'token' in by ? { Authorization: `Bearer ${by.token}` } : {}
  try {
    const answer = await fetch(url, { method: 'POST', headers })
    if (answer.ok) return null
    const body: Partial<SignInRefusal> = await answer.json().catch(() => ({}))
    return { code: body.code ?? 'UNAVAILABLE', ...(body.endedAt ? { endedAt: body.endedAt } : {}) }
  } catch {
    return { code: 'UNREACHABLE' }
  }
}

/** What the server wrote into the page's head. */
export function written(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''
}

/** Ends the session and leaves the page: nothing of what was read stays in it. */
export function signOut() {
  // What is still asked or watched is refused from now on, but the operator knows why.
  leaving = true
  const form = document.createElement('form')
  form.method = 'post'
  form.action = '/sign-out'
  document.body.append(form)
  form.submit()
}
