import type { CDPSession, Page } from '@playwright/test'
import { expect, focusedRow, test } from '../console'

/**
 * A tree of some 3,000 rows in which 20 tasks a second change. Processor time, memory and rows are checked always; times
 * to the paint only where asked for, by `make bench`, because tests run on busy machines.
 */
const BIG_TREE = process.env.HUB_BIG_TREE ?? ''
const TRIES = 5
const TIMED = process.env.CONSOLE_TIMED === 'true'

test.setTimeout(180_000)

const BUDGET = {
  largestPaint: 1_200,
  firstRow: 2_500,
  drawingCpu: 400,
  rows: 60,
  // With the changes that arrive meanwhile.
  keyCpu: 40,
  keyToPaint: 150,
  fold: 100,
  heap: 40 * 2 ** 20,
}

test('the list and a tree of 3,000 rows are drawn within their budgets', async ({ inside: page }) => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  const openTree = async () => {
    await page.goto('about:blank')
    await page.goto(`/ticket/${BIG_TREE}`)
    await expect(focusedRow(page)).toBeVisible()
  }

  await within(BUDGET.drawingCpu, async () => {
    await openTree()
    return (await metric(devtools, 'TaskDuration')) * 1_000
  })
  if (!TIMED) return

  await within(BUDGET.firstRow, async () => {
    await openTree()
    return page.evaluate(() => performance.now())
  })
  await within(BUDGET.largestPaint, async () => {
    await devtools.send('Network.clearBrowserCache')
    await page.goto('/ticket')
    await expect(page.getByRole('row').nth(1)).toBeVisible()
    return largestPaint(page)
  })
})

test('in a tree of 3,000 rows keys answer at once while 20 tasks a second change', async ({ inside: page }) => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.goto(`/ticket/${BIG_TREE}`)
  await expect(focusedRow(page)).toBeVisible()
  await watchKeys(page)
  const pressHundredKeys = async () => {
    for (let press = 0; press < 100; press++) await page.keyboard.press('ArrowDown')
  }

  await within(BUDGET.keyCpu, async () => {
    const before = await metric(devtools, 'TaskDuration')
    await pressHundredKeys()
    return ((await metric(devtools, 'TaskDuration')) - before) * 10
  })
  expect(await page.locator('.grid-body [role=row]').count()).toBeLessThanOrEqual(BUDGET.rows)
  await devtools.send('HeapProfiler.collectGarbage')
  expect(await metric(devtools, 'JSHeapUsedSize')).toBeLessThanOrEqual(BUDGET.heap)
  if (!TIMED) return

  await within(BUDGET.keyToPaint, async () => {
    await keyDurations(page)
    await pressHundredKeys()
    return percentile(await keyDurations(page), 0.98)
  })
  await page.keyboard.press('Home')
  await within(BUDGET.fold, async () => {
    await keyDurations(page)
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowRight')
    return percentile(await keyDurations(page), 1)
  })
})

/** Measures until it is within the budget: what a busy machine adds comes and goes, what the code takes stays. */
async function within(budget: number, measure: () => Promise<number>) {
  const measured: number[] = []
  while (measured.length < TRIES && !measured.some((one) => one <= budget)) measured.push(await measure())
  expect(Math.min(...measured)).toBeLessThanOrEqual(budget)
}

async function metric(devtools: CDPSession, name: string): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics')
  return metrics.find((one) => one.name === name)?.value ?? Number.NaN
}

/** When the largest thing of the page was painted, in milliseconds since the page was opened. */
function largestPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe({
          type: 'largest-contentful-paint',
          buffered: true,
        })
      }),
  )
}

/** Keeps how long each key took from the press to the next paint, as the browser measures it. */
async function watchKeys(page: Page) {
  await page.evaluate(() => {
    const kept: number[] = []
    Object.assign(window, { keyDurations: kept })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === 'keydown') kept.push(entry.duration)
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
  })
}

/** The durations since the last call. A key that took less than 16 ms counts as 16. */
function keyDurations(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))
    return (window as unknown as { keyDurations: number[] }).keyDurations.splice(0)
  })
}

function percentile(values: number[], share: number): number {
  const sorted = [16, ...values].sort((a, b) => a - b)
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
}
