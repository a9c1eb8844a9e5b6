import {
  enter,
  expect,
  expectAccessibleInBothThemes,
  expectRowsToFit,
  FRESH,
  focusedRow,
  goDown,
  OPERATOR_TOKEN,
  type Page,
  planFault,
  row,
  test,
  VIEWER_TOKEN,
} from './console'

const pane = (page: Page) => page.getByRole('complementary', { name: 'Dettagli' })
const place = (page: Page) => page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: 'Da fare' })
const tab = (page: Page, name: string) => page.getByRole('navigation', { name: 'Viste' }).getByRole('link', { name })

/** How much waits in a tab. */
const count = async (page: Page, name: string) => Number(await tab(page, name).locator('.count').textContent())

async function openTodo(page: Page, view = '') {
  await page.goto(`/da-fare${view && `?view=${view}`}`)
  await expect(focusedRow(page)).toBeVisible()
}

test('the day begins with what is to be done: sales to sort, then tasks by when they are due', async ({
  inside: page,
}) => {
  await page.goto('/')

  await expect(page).toHaveURL(/\/da-fare/)
  await expect(row(page, 'Vendite da smistare')).toBeVisible()
  await expect(row(page, /Entro (lunedì|venerdì)|Più avanti/).first()).toBeVisible()
  await expect(place(page).locator('.count')).toHaveText(/^\d+$/)
  await expect(pane(page)).toContainText('Cosa ha scritto il venditore')
  await expectAccessibleInBothThemes(page)
  await expectRowsToFit(page)
})

test('by mouse a task is completed, leaves the list, and comes back when that is undone', async ({ inside: page }) => {
  await openTodo(page)
  await expect(tab(page, 'Miei').locator('.count')).toHaveText(/\d/)
  const before = await count(page, 'Miei')
  const task = row(page, 'Predisposizione Incarico').first()
  await task.click()
  await expect(pane(page)).toContainText('Ore stimate')
  await expectAccessibleInBothThemes(page)

  await pane(page).getByRole('button', { name: 'Completa' }).click()
  await expect(page.getByText('Completato: Predisposizione Incarico')).toBeVisible()
  // The next task of the same onboarding takes its place.
  await expect(row(page, 'Invio Incarico').first()).toBeVisible()
  await expect(tab(page, 'Miei').locator('.count')).toHaveText(String(before))

  await page.getByRole('button', { name: 'Annulla' }).click()
  await expect(row(page, 'Predisposizione Incarico').first()).toBeVisible()
})

test('by keys alone a task is completed, and the focus passes to the next', async ({ inside: page }) => {
  await openTodo(page, 'team')
  await expect(focusedRow(page)).toContainText('Predisposizione Incarico')
  const key = await focusedRow(page).getAttribute('data-key')

  await page.keyboard.press('x')
  await expect(page.locator(`[data-key="${key}"]`)).toHaveCount(0)
  await expect(focusedRow(page)).toBeVisible()

  await page.keyboard.press('Control+z')
  await expect(page.locator(`[data-key="${key}"]`)).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(pane(page)).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(focusedRow(page)).toBeVisible()
})

test('a sale that names two kits waits for a decision by keys, with nothing chosen before', async ({
  inside: page,
}) => {
  await openTodo(page, 'inbox')
  await expect(focusedRow(page)).toContainText('Più kit possibili')
  await expect(pane(page).getByRole('radio')).toHaveCount(2)
  await expect(pane(page).getByRole('radio', { checked: true })).toHaveCount(0)
  await expect(pane(page).getByRole('button', { name: 'Crea il ticket' })).toHaveAttribute('aria-disabled', 'true')
  await expect(pane(page).locator('mark')).toHaveText(['Start Office Digital', 'Start Office Training'])
  await expectAccessibleInBothThemes(page)

  await page.keyboard.press('2')
  await expect(pane(page).getByRole('radio', { name: /Training/ })).toBeFocused()
  await page.keyboard.press('Enter')

  await expect(pane(page)).toContainText(/Decisa\.\s*TCK-SOT/)
  // What is being read stays.
  await expect(row(page, 'Decisa')).toBeVisible()
  await page.keyboard.press('Escape')
  await goDown(page)
  await expect(row(page, 'Decisa')).toHaveCount(0)
})

test('kit and owner are chosen by mouse, one question after the other', async ({ inside: page }) => {
  await openTodo(page, 'inbox')
  await row(page, 'Carpenterie Etna Sud').click()
  await expect(pane(page)).toContainText('nomina più kit')
  await pane(page)
    .getByRole('button', { name: /Un altro kit/ })
    .click()
  await page.getByRole('option', { name: 'Incarico 24 Mesi' }).click()
  await pane(page).getByRole('button', { name: 'Crea il ticket' }).click()

  await expect(pane(page)).toContainText('Nessun operatore corrisponde a chi ha venduto')
  await expect(pane(page).getByRole('radio', { checked: true })).toHaveCount(1)
  await pane(page).getByRole('button', { name: /Chi/ }).click()
  await page.getByRole('option', { name: 'Giulia Moretti' }).click()
  await pane(page).getByRole('button', { name: 'Crea il ticket' }).click()

  await pane(page)
    .getByRole('link', { name: /TCK-I24/ })
    .click()
  await expect(page.getByRole('treegrid')).toBeVisible()
})

test('what a colleague settles while it is read stays, and says so', async ({ inside: page, browser, baseURL }) => {
  const colleague = await browser.newContext(baseURL ? { baseURL } : {})
  await enter(colleague, OPERATOR_TOKEN())
  const other = await colleague.newPage()
  await openTodo(page, 'inbox')
  await openTodo(other, 'inbox')
  await expect(pane(page).getByRole('button', { name: 'Crea il ticket' })).toBeVisible()

  await pane(other).getByRole('button', { name: 'Scarta…' }).click()
  await expect(pane(other)).toContainText('Scartarla?')
  await pane(other).getByRole('button', { name: 'Scarta', exact: true }).click()
  await expect(pane(other)).toContainText('Scartata')

  await expect(pane(page)).toContainText('Scartata')
  await expect(pane(page).getByRole('button', { name: 'Crea il ticket' })).toHaveCount(0)
  await colleague.close()
})

test('what the CRM refused is in the list of errors, and is tried again from there', async ({ inside: page }) => {
  await page.goto('/da-fare?view=errors')
  await expect(page.getByRole('heading', { name: 'Nessun errore nel CRM' })).toBeVisible()
  await planFault({
    match: { controller: 'Opportunity', action: 'create' },
    fault: 'status',
    args: { status: 400, message: 'La fase è chiusa' },
  })
  await page.goto(`/ticket/${FRESH(0)}?action=generate`)
  await page.getByRole('button', { name: 'Esegui' }).click()
  await expect(page.getByText('Aspetta una persona')).toBeVisible()

  await openTodo(page, 'errors')
  await expect(focusedRow(page)).toContainText('Genera Opportunità: 1 voce da guardare')
  await expect(pane(page)).toContainText('«La fase è chiusa»')
  await expect(tab(page, 'Errori CRM')).toContainText('1')
  await expectAccessibleInBothThemes(page)
  await page.keyboard.press('r')

  await expect(pane(page)).toContainText('Completata')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Nessun errore nel CRM' })).toBeVisible()
})

test('a viewer sees what the team does, and decides nothing', async ({ page, context }) => {
  await enter(context, VIEWER_TOKEN())
  await openTodo(page)

  await expect(tab(page, 'Squadra')).toHaveAttribute('aria-current', 'true')
  await expect(tab(page, 'Miei')).toHaveCount(0)
  await expect(page.getByRole('button', { name: /^Completa/ })).toHaveCount(0)
  await page.goto('/da-fare?view=inbox')
  await expect(page.getByRole('button', { name: /Crea|Scarta/ })).toHaveCount(0)
})

test('an empty list says so, and a sent link opens the same entry', async ({ inside: page }) => {
  await page.goto('/da-fare?view=late')
  await expect(page.getByRole('heading', { name: 'Niente in ritardo' })).toBeVisible()
  await expectAccessibleInBothThemes(page)

  await openTodo(page, 'team')
  const key = await goDown(page)
  await expect(page).toHaveURL(new RegExp(`item=${key}`))
  await page.reload()
  await expect(page.locator(`[data-key="${key}"]`)).toBeFocused()
})

test('in English, and on a phone, it reads and completes', async ({ inside: page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.addInitScript(() => localStorage.setItem('hub.language', 'en'))
  await page.goto('/da-fare?view=team')
  await row(page, 'Predisposizione Incarico').first().click()
  await expect(page.getByRole('complementary', { name: 'Details' })).toContainText('Estimated hours')
  await expectAccessibleInBothThemes(page)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)

  await page.getByRole('button', { name: 'Complete', exact: true }).click()
  await expect(page.getByText('Done: Predisposizione Incarico')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Back to the list' }).click()
  await expect(row(page, 'Predisposizione Incarico').first()).toBeVisible()
  await expectRowsToFit(page)
})
