import AxeBuilder from '@axe-core/playwright'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'

/** What the browser complained of, and whom else it asked. */
type Watch = { expectComplaint: (pattern: RegExp) => void }

function given(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: these tests are run by tests/e2e.`)
  return value
}

export const OPERATOR_TOKEN = () => given('HUB_OPERATOR_TOKEN')
export const VIEWER_TOKEN = () => given('HUB_VIEWER_TOKEN')
export const SIGN_IN_CODE = () => given('HUB_SIGN_IN_CODE')
/** A parent with children, and one whose onboarding is not done. */
export const TREE = () => given('HUB_TREE')
export const ONBOARDING = () => given('HUB_ONBOARDING')
/** Parents without opportunities: 0 to 2 and 4 are closed, 3 is not. */
export const FRESH = (at: number) => given('HUB_FRESH').split(' ')[at] ?? ''

export const test = base.extend<{ watch: Watch; inside: Page }>({
  // Every test ends with it: no complaint of the browser, and no request to anybody else.
  watch: [
    async ({ context, baseURL }, use) => {
      const expected: RegExp[] = []
      const complaints: string[] = []
      const elsewhere: string[] = []
      const host = new URL(baseURL ?? '').host
      context.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
      })
      context.on('weberror', (error) => complaints.push(String(error.error())))
      context.on('request', (request) => {
        const url = new URL(request.url())
        if (url.host && url.host !== host) elsewhere.push(request.url())
      })
      // What shows at once is sent a moment later: no page closes before it has arrived.
      const pending = new Set<unknown>()
      context.on('request', (request) => request.method() === 'POST' && pending.add(request))
      context.on('requestfinished', (request) => pending.delete(request))
      context.on('requestfailed', (request) => pending.delete(request))
      await use({ expectComplaint: (pattern) => expected.push(pattern) })
      await expect.poll(() => pending.size).toBe(0)
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
})

async function control(method: string, path: string, body: object) {
  const answer = await fetch(`${given('CRM_CONTROL')}/control/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.ok).toBe(true)
}

/** Makes the CRM misbehave once. */
export const planFault = (fault: object) => control('POST', 'faults', [fault])

/** Changes how the CRM behaves from now on. */
export const switchCrm = (switches: object) => control('PATCH', 'switches', switches)

/** Signs a browser in without the page. */
export async function enter(context: BrowserContext, token: string) {
  const address = given('HUB_ADDRESS')
  const answer = await context.request.post('/sign-in', {
    headers: { Authorization: `Bearer ${token}`, Origin: address },
  })
  expect(answer.status()).toBe(204)
}

/** No violation of WCAG on the page, in this theme. */
export async function expectAccessible(page: Page, theme: 'light' | 'dark') {
  await page.evaluate((chosen) => {
    document.documentElement.dataset.theme = chosen
  }, theme)
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([])
}

export async function expectAccessibleInBothThemes(page: Page) {
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
}

/** Nothing in a row stands over or under the next one. */
export async function expectRowsToFit(page: Page) {
  const overfull = await page
    .locator('.grid-body [role=row]')
    .evaluateAll((rows) => rows.filter((row) => row.scrollHeight > row.clientHeight).map((row) => row.textContent))
  expect(overfull).toEqual([])
}

/** The row of the grid that has this text. */
export function row(page: Page, text: string | RegExp) {
  return page.getByRole('row').filter({ hasText: text })
}

/** The row that has the focus. Keys count once there is one. */
export function focusedRow(page: Page) {
  return page.locator('[role=row]:focus')
}

export { expect, type Page }
