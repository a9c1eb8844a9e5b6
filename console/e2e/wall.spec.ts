import type { CDPSession } from '@playwright/test'
import { ask, enter, expect, moveHubClock, ONBOARDING, OPERATOR_TOKEN, type Page, switchHub, test } from './console'

const AWAY = /WebSocket|Failed to load|ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE/
const MINUTE = 60_000
const EVENING = 30 * MINUTE
const UPDATES = 30

const finished = (page: Page) => page.getByRole('link', { name: /^Completati: / })
const chart = (page: Page) => page.getByRole('slider', { name: 'Completati nel tempo' })
const stale = (page: Page) => page.getByText(/fermo alle \d\d:\d\d/)

/** When the next day begins in the calendar of the hub. */
function nextMidnight(from: number): number {
  const dayOf = (at: number) => new Date(at).toLocaleDateString('en', { timeZone: 'Europe/Rome' })
  let at = Math.ceil(from / MINUTE) * MINUTE
  while (dayOf(at) === dayOf(from)) at += MINUTE
  return at
}

async function expectNoScroll(page: Page) {
  const hidden = await page
    .locator('html, .frame > main, .board, .tile, .lines')
    .evaluateAll((all) =>
      all.filter((one) => one.scrollHeight > one.clientHeight + 2).map((one) => one.outerHTML.slice(0, 200)),
    )
  expect(hidden).toEqual([])
}

async function finishedByHub(): Promise<string> {
  const { kpis } = await ask('{ kpis(lastDays: 30, figures: [{ key: FINISHED }]) { figures { measure { value } } } }')
  return kpis.figures[0].measure.value
}

/** One of the open tasks of the onboarding. */
async function taskId(at: number): Promise<string> {
  const { ticket } = await ask('query T($code: String!) { ticket(code: $code) { milestones { tasks { id } } } }', {
    code: ONBOARDING(),
  })
  return ticket.milestones[0].tasks[at].id
}

/** What the page holds once everything that nobody needs is gone. */
async function held(devtools: CDPSession) {
  await devtools.send('HeapProfiler.collectGarbage')
  const { metrics } = await devtools.send('Performance.getMetrics')
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0
  return { nodes: value('Nodes'), listeners: value('JSEventListeners'), heap: value('JSHeapUsedSize') }
}

test('a wall goes over midnight and over a restart of the hub by itself', async ({ page, context, watch }) => {
  watch.expectComplaint(AWAY)
  // No clock goes back, so this evening counts only if it is still to come.
  const midnight = nextMidnight(Date.now() + EVENING)
  await moveHubClock(midnight - EVENING)
  // A session lasts for half a day of the hub's time.
  await enter(context, OPERATOR_TOKEN())
  await page.clock.install({ time: midnight - EVENING })
  await ask(`mutation { completeTask(taskId: "${await taskId(1)}") { problems { code } } }`)
  await page.goto('/indicatori?wall=1')
  await expect(chart(page)).toHaveAttribute('aria-valuetext', /completati [1-9]/)
  await expect(finished(page)).toHaveText(await finishedByHub())
  const before = await page.locator('.board-tools').textContent()

  await moveHubClock(midnight + 5_000)
  await page.clock.fastForward(EVENING + 5_000)

  await expect(chart(page)).toHaveAttribute('aria-valuetext', /completati 0/)
  await expect(finished(page)).toHaveText(await finishedByHub())
  expect(await page.locator('.board-tools').textContent()).not.toBe(before)
  await expectNoScroll(page)

  await switchHub('kill')
  await page.clock.fastForward(75_000)
  await expect(stale(page)).toBeVisible()
  await expect(chart(page)).toHaveAttribute('aria-valuetext', /completati 0/)
  await expectNoScroll(page)
  await switchHub('start')
  await page.clock.fastForward(30_000)
  await expect(stale(page)).toHaveCount(0)
})

test('a wall that has shown many changes holds no more than one that has shown few', async ({ inside: page }) => {
  const id = await taskId(0)
  await page.clock.install()
  await page.goto('/indicatori?wall=1')
  await expect(finished(page)).toHaveText(await finishedByHub())

  async function show(updates: number) {
    for (let at = 0; at < updates; at += 1) {
      const order = at % 2 ? 'reopenTask' : 'completeTask'
      await ask(`mutation { ${order}(taskId: "${id}") { problems { code } } }`)
      await expect(finished(page)).toHaveText(await finishedByHub())
      await page.clock.runFor(10_000)
    }
  }

  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  await show(6)
  const few = await held(devtools)
  await show(UPDATES)
  const many = await held(devtools)

  expect(many.nodes).toBeLessThan(few.nodes * 1.2)
  expect(many.listeners).toBeLessThan(few.listeners * 1.2)
  expect(many.heap).toBeLessThan(few.heap * 1.2)
})
