import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type BrowserContext, test as base, expect, type Page, type Request } from '@playwright/test'
import axe from 'axe-core'

/** What the browser complained of, and whom else it asked. `over` watches another context as well,
 *  `quiet` is when everything that was sent is answered. */
type Watch = {
  expectComplaint: (pattern: RegExp) => void
  complaints: () => string[]
  over: (context: BrowserContext) => Promise<void>
  quiet: () => Promise<void>
}

function given(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: these tests are run by tests/e2e.`)
  return value
}

export const OPERATOR_TOKEN = () => given('HUB_OPERATOR_TOKEN')
export const ADMIN_TOKEN = () => given('HUB_ADMIN_TOKEN')
/** Luca, who works beside Giulia. */
export const COLLEAGUE_TOKEN = () => given('HUB_COLLEAGUE_TOKEN')
export const VIEWER_TOKEN = () => given('HUB_VIEWER_TOKEN')
export const SIGN_IN_CODE = () => given('HUB_SIGN_IN_CODE')
/** A parent with children, and one whose onboarding is not done. */
export const TREE = () => given('HUB_TREE')
export const ONBOARDING = () => given('HUB_ONBOARDING')
/** Parents without opportunities: 0 to 2 and 4 are closed, 3 is not. */
export const FRESH = (at: number) => given('HUB_FRESH').split(' ')[at] ?? ''

const OPERATIONS: Record<string, string> = JSON.parse(
  readFileSync(new URL('../dist/operations.json', import.meta.url), 'utf8'),
)

/** The name of the operation that a request asks for: the console sends no text. */
export function operationOf(request: Request): string {
  return request.url().endsWith('/graphql') ? (request.postDataJSON()?.operationName ?? '') : ''
}

export const isChange = (request: Request) => OPERATIONS[operationOf(request)]?.startsWith('mutation') ?? false

export const test = base.extend<{ watch: Watch; inside: Page; colleague: Page }>({
  // Every test ends with it: no complaint of the browser, none of its policy, and no request to anybody else.
  watch: [
    async ({ context, baseURL }, use) => {
      const expected: RegExp[] = []
      const complaints: string[] = []
      const elsewhere: string[] = []
      const host = new URL(baseURL ?? '').host
      // What shows at once is sent a moment later: no page closes before it has arrived.
      const pending = new Set<Request>()

      async function over(watched: BrowserContext) {
        watched.on('console', (message) => {
          if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
        })
        watched.on('weberror', (error) => complaints.push(String(error.error())))
        watched.on('request', (request) => {
          const url = new URL(request.url())
          if (url.host && url.host !== host) elsewhere.push(request.url())
          if (request.method() === 'POST') pending.add(request)
          if (operationOf(request) in OPERATIONS && request.postDataJSON().query)
            complaints.push(`Text: ${operationOf(request)} is not known by its hash.`)
        })
        watched.on('requestfinished', (request) => pending.delete(request))
        watched.on('requestfailed', (request) => pending.delete(request))
        // What a page still asked when it closed is never reported to have ended.
        watched.on('close', () => {
          for (const request of pending) if (request.frame().page().context() === watched) pending.delete(request)
        })
        // What a document still asked when the next one took its place is never reported to have ended.
        await watched.exposeBinding('documentBegins', ({ frame }) => {
          for (const request of pending) if (request.frame() === frame) pending.delete(request)
        })
        await watched.exposeFunction('violated', (policy: string) => complaints.push(`Policy: ${policy}`))
        await watched.addInitScript(() => {
          type Told = { violated: (policy: string) => void; documentBegins: () => void }
          const told = window as unknown as Told
          told.documentBegins()
          document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
            told.violated(`${violatedDirective} ${blockedURI}`),
          )
        })
      }

      const unanswered = () => [...pending].map((one) => one.postData()?.slice(0, 100))
      const quiet = () =>
        expect(async () => {
          expect(unanswered()).toEqual([])
          // A change that waited for the answer to another one is sent just after it.
          await setTimeout(100)
          expect(unanswered()).toEqual([])
        }).toPass({ timeout: 30_000 })

      await over(context)
      await use({ expectComplaint: (pattern) => expected.push(pattern), complaints: () => complaints, over, quiet })
      await quiet()
      expect(complaints.filter((text) => !expected.some((pattern) => pattern.test(text)))).toEqual([])
      expect(elsewhere).toEqual([])
    },
    { auto: true },
  ],
  /** A page of which an operator is signed in. */
  inside: async ({ context, page }, use) => {
    await enter(context, OPERATOR_TOKEN())
    await use(page)
  },
  /** A page of another operator, in a browser of his own. */
  colleague: async ({ browser, baseURL, watch }, use) => {
    const context = await browser.newContext(baseURL ? { baseURL } : {})
    await watch.over(context)
    await enter(context, COLLEAGUE_TOKEN())
    await use(await context.newPage())
    await watch.quiet()
    await context.close()
  },
})

async function control(method: string, path: string, body?: object) {
  const answer = await fetch(`${given('CRM_CONTROL')}/control/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  expect(answer.ok).toBe(true)
  return answer
}

/** Makes the CRM misbehave once. */
export const planFault = (fault: object) => control('POST', 'faults', [fault])

/** Changes how the CRM behaves from now on. */
export const switchCrm = (switches: object) => control('PATCH', 'switches', switches)

/** Does something at the hub as a colleague would, in no window. */
export async function ask(operation: string, variables: object = {}) {
  const answer = await fetch(`${given('HUB_ADDRESS')}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${OPERATOR_TOKEN()}` },
    body: JSON.stringify({ query: operation, variables }),
  })
  const { data, errors } = await answer.json()
  expect(errors).toBeUndefined()
  return data
}

/** The codes of the opportunities that the CRM holds for a ticket. */
export async function ordersInCrm(ticket: string): Promise<string[]> {
  const records: { code: string | null }[] = await (await control('GET', 'records/Opportunity')).json()
  const sale = ticket.split('-').slice(0, -1).at(-1)
  return records.flatMap(({ code }) => (code?.startsWith('TCK-') && code.includes(`-${sale}-`) ? [code] : [])).sort()
}

/** Ends the hub's process as a power cut would, or starts it again at its address. */
export async function switchHub(order: 'kill' | 'start') {
  const answer = await fetch(`${given('HUB_SWITCH')}/${order}`, { method: 'POST' })
  expect(answer.status).toBe(204)
}

/** Moves the hub's clock to an instant, from which it goes on. */
export async function moveHubClock(to: number) {
  const answer = await fetch(`${given('HUB_SWITCH')}/clock-ahead/${(to - Date.now()) / 1000}`, { method: 'POST' })
  expect(answer.status).toBe(204)
}

/** Signs a browser in without the page. */
export async function enter(context: BrowserContext, token: string) {
  const address = given('HUB_ADDRESS')
  const answer = await context.request.post('/sign-in', {
    headers: { Authorization: `Bearer ${token}`, Origin: address },
  })
  expect(answer.status()).toBe(204)
}

/** The rules that look at colours. A theme changes nothing else, as `app/tokens.test.ts` shows. */
const RULES_ABOUT_COLOURS = ['color-contrast', 'link-in-text-block']

/** No violation of WCAG on the page: every rule in the light theme, and in the dark one what depends on colours. */
export async function expectAccessibleInBothThemes(page: Page) {
  // A screen that is still on its way has no heading yet.
  await expect(page.locator('h1').first()).toBeAttached()
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  for (const [theme, rules] of [
    ['light', {}],
    ['dark', { runOnly: RULES_ABOUT_COLOURS }],
  ] as const) {
    const violations = await page.evaluate(
      async ([chosen, options]) => {
        document.documentElement.dataset.theme = chosen
        const found = await (window as unknown as { axe: typeof axe }).axe.run(options)
        return found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])
      },
      [theme, { ...rules, resultTypes: ['violations'] }] as [string, axe.RunOptions],
    )
    expect(violations, `in the ${theme} theme`).toEqual([])
  }
}

/** Nothing in a row stands over or under the next one. */
export async function expectRowsToFit(page: Page) {
  const overfull = await page
    .locator('.grid-body [role=row]')
    .evaluateAll((rows) => rows.filter((row) => row.scrollHeight > row.clientHeight).map((row) => row.textContent))
  expect(overfull).toEqual([])
}

/** What the page shows of a tree: its head and the rows in sight. */
export async function shownTree(page: Page) {
  await expect(page.getByRole('treegrid')).toBeVisible()
  return page.locator('.tree-head, [role=treegrid] [role=row]').allInnerTexts()
}

/** The row of the grid that has this text. */
export function row(page: Page, text: string | RegExp) {
  return page.getByRole('row').filter({ hasText: text })
}

/** The row that has the focus. Keys count once there is one. */
export function focusedRow(page: Page) {
  return page.locator('[role=row]:focus')
}

/** Does something that changes a row, and waits for the hub's answer: until then the page shows the wish alone. */
export async function saving(page: Page, act: () => Promise<unknown>) {
  const answered = page.waitForResponse((answer) => isChange(answer.request()))
  await act()
  await answered
}

/** Moves to the next row by key, and returns that row's key once it has the focus. */
export async function goDown(page: Page): Promise<string> {
  const before = await focusedRow(page).getAttribute('data-key')
  await page.keyboard.press('j')
  await expect(focusedRow(page)).not.toHaveAttribute('data-key', before ?? '')
  return (await focusedRow(page).getAttribute('data-key')) ?? ''
}

export { type BrowserContext, expect, type Page }
