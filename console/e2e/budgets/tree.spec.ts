import type { CDPSession, Page } from '@playwright/test'
import { expect, focusedRow, test } from '../console'

/**
 * A tree of some 3,000 rows in which 20 tasks a second change, beside one of a twentieth in which as many do. What a page
 * of the big tree costs is held to what one of the small tree costs on the same machine in the same minute. Times and
 * processor time by themselves are checked where asked for, by `make bench`: tests run on slow and on busy machines.
 */
const BIG_TREE = process.env.HUB_BIG_TREE ?? ''
const SMALL_TREE = process.env.HUB_SMALL_TREE ?? ''
const TRIES = 5
const TIMED = process.env.CONSOLE_TIMED === 'true'

test.setTimeout(180_000)

const BUDGET = {
  // Of the big tree, in those of the small one.
  drawing: 1.5,
  keys: 1.5,
  rows: 60,
  heap: 40 * 2 ** 20,
  // Milliseconds, of processor time where it says so.
  drawingCpu: 400,
  // With the changes that arrive meanwhile.
  keyCpu: 40,
  largestPaint: 1_200,
  firstRow: 2_500,
  keyToPaint: 150,
  fold: 100,
}

test('the list and a tree of 3,000 rows are drawn within their budgets', async ({ inside: page }) => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await tellWhenDrawn(page)
  const openTree = async (tree = BIG_TREE) => {
    await page.goto('about:blank')
    await page.goto(`/ticket/${tree}`)
    return drawn(page)
  }
  const drawingCpu = async (tree: string) => {
    await openTree(tree)
    return (await metric(devtools, 'TaskDuration')) * 1_000
  }

  await within(BUDGET.drawing, () => ratio(drawingCpu))
  if (!TIMED) return

  await within(BUDGET.drawingCpu, () => drawingCpu(BIG_TREE))
  await within(BUDGET.firstRow, openTree)
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
  const pressHundredKeys = async () => {
    for (let press = 0; press < 100; press++) await page.keyboard.press('ArrowDown')
  }
  const keyCpu = async (tree: string) => {
    await page.goto(`/ticket/${tree}`)
    await expect(focusedRow(page)).toBeVisible()
    const before = await metric(devtools, 'TaskDuration')
    await pressHundredKeys()
    return ((await metric(devtools, 'TaskDuration')) - before) * 10
  }

  await within(BUDGET.keys, () => ratio(keyCpu))
  expect(await page.locator('.grid-body [role=row]').count()).toBeLessThanOrEqual(BUDGET.rows)
  await devtools.send('HeapProfiler.collectGarbage')
  expect(await metric(devtools, 'JSHeapUsedSize')).toBeLessThanOrEqual(BUDGET.heap)
  if (!TIMED) return

  await within(BUDGET.keyCpu, () => keyCpu(BIG_TREE))
  await watchKeys(page)
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

/** What the big tree costs in what the small one costs. */
async function ratio(cost: (tree: string) => Promise<number>) {
  const small = await cost(SMALL_TREE)
  const big = await cost(BIG_TREE)
  return big / small
}

async function metric(devtools: CDPSession, name: string): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics')
  return metrics.find((one) => one.name === name)?.value ?? Number.NaN
}

/** Lets the page say by itself when its rows are painted: a question now and again would be counted with it. */
async function tellWhenDrawn(page: Page) {
  await page.addInitScript(() => {
    const isRow = (target: EventTarget | null) => target instanceof Element && target.matches('[role=row]')
    const drawn = new Promise<number>((resolve) =>
      document.addEventListener('focusin', ({ target }) => {
        if (isRow(target)) requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
      }),
    )
    Object.assign(window, { drawn })
  })
}

/** When the first rows were painted, in milliseconds since the page was opened. */
function drawn(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { drawn: Promise<number> }).drawn)
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
