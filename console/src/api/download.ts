import { RequestFailed } from './client'
import { goToSignIn } from './session'

/** The whole list behind a number as a file, in a language. RequestFailed: the hub made none; its message is the code. */
export async function exportRows(address: string, language: string): Promise<File> {
  const answer = await fetch('/exports/kpi-population', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Accept-Language': language },
    body: JSON.stringify({ address }),
  }).catch(() => undefined)
  if (answer?.status === 401) goToSignIn()
  // A connection that ends within the file leaves no file.
  const content = answer?.ok ? await answer.blob().catch(() => undefined) : undefined
  if (!answer || (answer.ok && !content)) throw new RequestFailed('UNREACHABLE', { unreachable: true })
  if (!content) {
    const { code }: { code?: string } = await answer.json().catch(() => ({}))
    const requestId = answer.headers.get('x-request-id') ?? undefined
    throw new RequestFailed(code ?? 'UNAVAILABLE', { requestId, unreachable: false })
  }
  const [, name = 'export.csv'] = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '') ?? []
  return new File([content], name, { type: content.type })
}

/** Lets the browser keep a file, as after a link to it. */
export function save(file: File) {
  const url = URL.createObjectURL(file)
  const link = Object.assign(document.createElement('a'), { href: url, download: file.name })
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
