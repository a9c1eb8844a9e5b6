import {
  enter,
  expect,
  expectAccessibleInBothThemes,
  expectRowsToFit,
  focusedRow,
  isChange,
  ONBOARDING,
  OPERATOR_TOKEN,
  row,
  saving,
  TREE,
  test,
} from './console'

const TASKS = ['Predisposizione Incarico', 'Invio Incarico', 'Firma Incarico', 'Invio Mail di Benvenuto']

test('a tree shows its children, milestones and tasks, and is accessible', async ({ inside: page }) => {
  await page.goto(`/ticket/${TREE()}`)

  await expect(page.getByRole('treegrid')).toBeVisible()
  await expect(row(page, 'Onboarding')).toHaveAttribute('aria-expanded', 'false')
  await expect(row(page, 'TCK-T50').first()).toHaveAttribute('aria-level', '1')
  await expectAccessibleInBothThemes(page)
})

test('a task is completed by mouse, and the milestone follows', async ({ inside: page }) => {
  await page.goto(`/ticket/${ONBOARDING()}`)
  await page.getByRole('button', { name: 'Completa Predisposizione Incarico' }).click()

  await expect(row(page, 'Predisposizione Incarico')).toContainText('Completato')
  await expect(row(page, /^Onboarding/)).toContainText('1/4')
  await expect(page.getByText('Completato: Predisposizione Incarico')).toBeVisible()

  await page.getByRole('button', { name: 'Annulla' }).click()
  await expect(row(page, 'Predisposizione Incarico')).toContainText('Da fare')
  await expect(row(page, /^Onboarding/)).toContainText('0/4')
})

test('a task is completed, undone, assigned and re-dated by keys alone', async ({ inside: page }) => {
  await page.goto(`/ticket/${ONBOARDING()}`)
  await expect(focusedRow(page)).toContainText('Onboarding')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await expect(row(page, 'Predisposizione Incarico')).toContainText('Completato')
  await expect(focusedRow(page)).toContainText('Predisposizione Incarico')

  await page.keyboard.press('Control+z')
  await expect(row(page, 'Predisposizione Incarico')).toContainText('Da fare')

  await page.keyboard.press('j')
  await page.keyboard.press('d')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Sposta la scadenza')
  await expectAccessibleInBothThemes(page)
  await expect(dialog.getByRole('spinbutton').first()).toBeFocused()
  await expect(dialog.getByRole('spinbutton').first()).toHaveText(/^\d\d$/)
  await dialog.getByRole('spinbutton').nth(2).press('ArrowUp')
  await expect(dialog).toContainText(/Si spostano anche altre \d+ voci/)
  await page.keyboard.press('Enter')
  await expect(page.getByText('Scadenza spostata: Invio Incarico')).toBeVisible()
  await expect(focusedRow(page)).toContainText('Invio Incarico')

  await page.keyboard.press('a')
  await expect(page.getByRole('dialog')).toContainText('Assegna')
  await expect(page.getByRole('option')).not.toHaveCount(0)
  await expectAccessibleInBothThemes(page)
  await page.keyboard.press('Escape')
  await expect(focusedRow(page)).toContainText('Invio Incarico')
})

test('the tree folds and unfolds by keys, and the address keeps the row', async ({ inside: page }) => {
  await page.goto(`/ticket/${TREE()}`)
  const child = row(page, 'TCK-T50').first()
  await child.click()
  await expect(child).toHaveAttribute('aria-expanded', 'true')

  await page.keyboard.press('ArrowLeft')
  await expect(child).toHaveAttribute('aria-expanded', 'false')
  await page.keyboard.press('ArrowRight')
  await expect(child).toHaveAttribute('aria-expanded', 'true')
  await page.keyboard.press('ArrowRight')
  await expect(focusedRow(page)).toHaveAttribute('aria-level', '2')

  const key = await focusedRow(page).getAttribute('data-key')
  await expect(page).toHaveURL(new RegExp(`row=${key}`))
  await page.reload()
  await expect(page.locator(`[data-key="${key}"]`)).toBeFocused()
})

test('only the rows in sight are in the page', async ({ inside: page }) => {
  await page.goto(`/ticket/${TREE()}`)
  await expect(page.getByRole('treegrid')).toBeVisible()

  const [inPage, all] = await page.evaluate(() => {
    const grid = document.querySelector('[role=treegrid]')
    return [grid?.querySelectorAll('[data-key]').length ?? 0, Number(grid?.getAttribute('aria-rowcount'))]
  })
  expect(all).toBeGreaterThan(80)
  expect(inPage).toBeLessThanOrEqual(60)
  await expect(focusedRow(page)).toBeVisible()
  await page.keyboard.press('End')
  await expect(focusedRow(page)).toHaveAttribute('aria-rowindex', String(all))
})

test('a link to a row deep in the tree shows it with what is around it', async ({ inside: page }) => {
  await page.goto(`/ticket/${TREE()}`)
  await expect(focusedRow(page)).toBeVisible()
  const rows = await page.getByRole('treegrid').getAttribute('aria-rowcount')
  await page.keyboard.press('End')
  await expect(focusedRow(page)).toHaveAttribute('aria-rowindex', rows ?? '')
  await expect(page).toHaveURL(new RegExp(`row=${await focusedRow(page).getAttribute('data-key')}`))

  await page.goto(page.url())
  await expect(focusedRow(page)).toHaveAttribute('aria-rowindex', rows ?? '')
  await expect(focusedRow(page)).toBeInViewport({ ratio: 0.9 })
  await page.keyboard.press('Home')
  await expect(focusedRow(page)).toHaveAttribute('aria-rowindex', '2')
  await expect(focusedRow(page)).toBeInViewport({ ratio: 0.9 })
})

test('two windows: what one does, the other shows, and its focus stays', async ({ inside: page, context }) => {
  const other = await context.newPage()
  await page.goto(`/ticket/${ONBOARDING()}`)
  await other.goto(`/ticket/${ONBOARDING()}`)
  await expect(focusedRow(other)).toContainText('Onboarding')
  await other.keyboard.press('j')
  await other.keyboard.press('j')
  await expect(focusedRow(other)).toContainText('Invio Incarico')

  await page.getByRole('button', { name: 'Completa Firma Incarico' }).click()

  await expect(row(other, 'Firma Incarico')).toContainText('Completato')
  await expect(row(other, /^Onboarding/)).toContainText('1/4')
  await expect(focusedRow(other)).toContainText('Invio Incarico')

  await other.getByRole('button', { name: 'Riapri Firma Incarico' }).click()
  await expect(row(page, 'Firma Incarico')).toContainText('Da fare')
})

test('two operators complete the same task at once: the second is told nothing and loses nothing', async ({
  inside: page,
  browser,
  baseURL,
}) => {
  const colleague = await browser.newContext(baseURL ? { baseURL } : {})
  await enter(colleague, OPERATOR_TOKEN())
  const other = await colleague.newPage()
  // This window hears of nothing until it has pressed.
  await page.routeWebSocket('**/graphql', () => undefined)
  await page.goto(`/ticket/${ONBOARDING()}`)
  await other.goto(`/ticket/${ONBOARDING()}`)
  await saving(other, () => other.getByRole('button', { name: 'Completa Invio Incarico' }).click())
  await expect(row(other, 'Invio Incarico')).toContainText('Completato')

  await page.getByRole('button', { name: 'Completa Invio Incarico' }).click()

  await expect(row(page, 'Invio Incarico')).toContainText('Completato')
  await expect(page.locator('.row-note')).toHaveCount(0)
  await saving(other, () => other.getByRole('button', { name: 'Riapri Invio Incarico' }).click())
  await expect(row(other, 'Invio Incarico')).toContainText('Da fare')

  // What was wished for is not so: the row shows what is, says so, and another try works.
  await page.getByRole('button', { name: 'Riapri Invio Incarico' }).click()
  await expect(row(page, 'Invio Incarico')).toContainText('Da fare')
  await colleague.close()
})

test('another wish is told as a conflict under the row, and can be tried again', async ({
  inside: page,
  browser,
  baseURL,
}) => {
  const colleague = await browser.newContext(baseURL ? { baseURL } : {})
  await enter(colleague, OPERATOR_TOKEN())
  const other = await colleague.newPage()
  await page.routeWebSocket('**/graphql', () => undefined)
  await page.goto(`/ticket/${ONBOARDING()}`)
  await row(page, 'Invio Mail di Benvenuto').click()
  await other.goto(`/ticket/${ONBOARDING()}`)
  await saving(other, () => other.getByRole('button', { name: 'Completa Invio Mail di Benvenuto' }).click())
  await expect(row(other, 'Invio Mail di Benvenuto')).toContainText('Completato')

  await expect(focusedRow(page)).toContainText('Invio Mail di Benvenuto')
  await page.keyboard.press('i')

  await expect(page.locator('.row-note')).toContainText('ora è completato')
  await expect(row(page, 'Invio Mail di Benvenuto')).toContainText('Completato')
  await expectAccessibleInBothThemes(page)
  await saving(other, () => other.getByRole('button', { name: 'Riapri Invio Mail di Benvenuto' }).click())
  await colleague.close()
})

test('a change that does not arrive puts the row back and offers another try', async ({ inside: page, watch }) => {
  watch.expectComplaint(/Failed to load|ERR_FAILED/)
  await page.goto(`/ticket/${ONBOARDING()}`)
  await page.route('**/graphql', (route) => (isChange(route.request()) ? route.abort() : route.continue()))
  await page.getByRole('button', { name: 'Completa Firma Incarico' }).click()
  await expect(page.locator('.row-note')).toContainText('Non salvato')
  await expect(row(page, 'Firma Incarico')).toContainText('Da fare')

  await page.unroute('**/graphql')
  await page.locator('.row-note').getByRole('button', { name: 'Riprova' }).click()

  await expect(row(page, 'Firma Incarico')).toContainText('Completato')
  await expect(page.locator('.row-note')).toHaveCount(0)
  await page.keyboard.press('Control+z')
  await expect(row(page, 'Firma Incarico')).toContainText('Da fare')
})

test('offline is told after three seconds, and what was missed is there when the hub is back', async ({
  inside: page,
  context,
  watch,
}) => {
  watch.expectComplaint(/WebSocket|ERR_INTERNET_DISCONNECTED/)
  const other = await context.newPage()
  let away = true
  let drop = () => {}
  await page.routeWebSocket('**/graphql', (socket) => {
    if (away) {
      drop = () => socket.close()
      const server = socket.connectToServer()
      drop = () => {
        server.close()
        socket.close()
      }
    } else socket.connectToServer()
  })
  await page.goto(`/ticket/${ONBOARDING()}`)
  await expect(page.getByText('In diretta')).toBeVisible()
  await page.routeWebSocket('**/graphql', (socket) => (away ? socket.close() : void socket.connectToServer()))

  drop()
  await expect(page.getByText(/Non in diretta, dati delle \d\d:\d\d/)).toBeVisible()
  await expectAccessibleInBothThemes(page)
  await other.goto(`/ticket/${ONBOARDING()}`)
  await other.getByRole('button', { name: 'Completa Firma Incarico' }).click()
  await expect(row(other, 'Firma Incarico')).toContainText('Completato')
  await expect(row(page, 'Firma Incarico')).toContainText('Da fare')

  away = false
  await expect(row(page, 'Firma Incarico')).toContainText('Completato')
  await expect(page.getByText(/Non in diretta, dati delle/)).toHaveCount(0)
  await other.getByRole('button', { name: 'Riapri Firma Incarico' }).click()
  await expect(row(page, 'Firma Incarico')).toContainText('Da fare')
})

test('on a phone a task is completed', async ({ inside: page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`/ticket/${ONBOARDING()}`)
  await expect(row(page, 'Firma Incarico')).toBeVisible()
  await expectAccessibleInBothThemes(page)
  await expectRowsToFit(page)

  await saving(page, () => page.getByRole('button', { name: 'Completa Firma Incarico' }).click())

  await expect(row(page, 'Firma Incarico')).toContainText('Completato')
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width).toBeLessThanOrEqual(390)
  await saving(page, () => page.getByRole('button', { name: 'Riapri Firma Incarico' }).click())
  await expect(row(page, 'Firma Incarico')).toContainText('Da fare')
})

// The last one: it leaves the onboarding closed.
test('the last task closes the milestone and the ticket, and the page says so', async ({ inside: page }) => {
  await page.goto(`/ticket/${ONBOARDING()}`)
  await expect(page.getByText('Perché non è completata?')).toBeVisible()

  for (const task of TASKS) await page.getByRole('button', { name: `Completa ${task}` }).click()

  await expect(row(page, /^Onboarding/)).toContainText('Completata')
  await expect(page.locator('.tree-head')).toContainText('Chiuso')
  // What is completed stays unfolded for whoever was looking at it.
  await expect(row(page, 'Firma Incarico')).toBeVisible()
})
