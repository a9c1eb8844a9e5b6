import {
  enter,
  expect,
  expectAccessibleInBothThemes,
  focusedRow,
  ONBOARDING,
  OPERATOR_TOKEN,
  operationOf,
  type Page,
  row,
  test,
  VIEWER_TOKEN,
} from './console'

const bar = (page: Page) => page.getByRole('toolbar', { name: 'Scelti' })
const selected = (page: Page) => page.locator('[role=row][aria-selected=true]')
const toast = (page: Page, text: string) => page.locator('.toast', { hasText: text })

async function openList(page: Page, address: string) {
  await page.goto(address)
  await expect(focusedRow(page)).toBeVisible()
}

/** A mutation from beside the page, as a colleague's. */
async function ask(page: Page, query: string) {
  const answer = await page.request.post('/graphql', {
    headers: { Authorization: `Bearer ${OPERATOR_TOKEN()}` },
    data: { query },
  })
  const { data, errors } = await answer.json()
  expect(errors).toBeUndefined()
  return data
}

test('by keys tasks are selected, assigned together, and given back by one undo', async ({ inside: page }) => {
  await openList(page, '/da-fare?view=team')
  await page.keyboard.press('Space')
  await expect(bar(page)).toContainText('1 scelto')
  await page.keyboard.press('Shift+J')
  await page.keyboard.press('Shift+ArrowDown')
  await expect(bar(page)).toContainText('3 scelti')
  await page.keyboard.press('Shift+ArrowUp')
  await expect(bar(page)).toContainText('2 scelti')
  await expectAccessibleInBothThemes(page)
  const before = await selected(page).locator('.who').allInnerTexts()

  await page.keyboard.press('a')
  await page.getByRole('option', { name: 'Luca Ferrero' }).click()
  await expect(toast(page, 'Assegnati a Luca Ferrero: 2 task')).toBeVisible()
  await expect(bar(page)).toHaveCount(0)
  await expect(row(page, 'Luca Ferrero')).toHaveCount(2)

  await page.keyboard.press('Control+z')
  await expect(toast(page, 'Annullato per 2 task')).toBeVisible()
  await expect(row(page, 'Luca Ferrero')).toHaveCount(before.filter((text) => text.includes('Luca')).length)
})

test('by mouse a stretch is selected with Shift, completed, and reopened', async ({ inside: page }) => {
  await openList(page, '/da-fare?view=team')
  const boxes = page.getByRole('checkbox', { name: 'Scegli' })
  await boxes.nth(0).click()
  await boxes.nth(1).click({ modifiers: ['Shift'] })
  const keys = await selected(page).evaluateAll((rows) => rows.map((one) => one.getAttribute('data-key')))
  expect(keys).toHaveLength(2)

  await bar(page).getByRole('button', { name: 'Completa' }).click()
  await expect(toast(page, 'Completati 2 task')).toBeVisible()
  for (const key of keys) await expect(page.locator(`[data-key="${key}"]`)).toHaveCount(0)

  await page.getByRole('button', { name: 'Annulla' }).click()
  for (const key of keys) await expect(page.locator(`[data-key="${key}"]`)).toBeVisible()
})

test('what does not work stays selected and says why, and the rest is done', async ({ inside: page }) => {
  await openList(page, '/da-fare?view=team')
  await page.keyboard.press('Space')
  await page.keyboard.press('Shift+J')
  await expect(bar(page)).toContainText('2 scelti')
  const [first = '', second = ''] = await selected(page).evaluateAll((rows) =>
    rows.map((one) => one.getAttribute('data-key') ?? ''),
  )
  // The list does not learn of a colleague's change before the operator presses.
  await page.route('**/graphql', async (route) => {
    if (operationOf(route.request()) === 'TodoTasks') return
    await route.continue()
  })
  await ask(page, `mutation { completeTask(taskId: "${first}") { problems { code } } }`)

  await page.keyboard.press('i')
  await expect(toast(page, 'Iniziato 1 task, 1 non riuscito, resta scelto')).toBeVisible()
  await expect(page.locator(`[data-key="${first}"]`)).toHaveAttribute('aria-selected', 'true')
  await expect(page.locator(`[data-key="${second}"]`)).toHaveAttribute('aria-selected', 'false')
  await expect(page.getByRole('alert')).toContainText('ora è completato')

  await page.unroute('**/graphql')
  await ask(page, `mutation { reopenTask(taskId: "${first}") { problems { code } } }`)
  await ask(page, `mutation { reopenTask(taskId: "${second}") { problems { code } } }`)
})

test('due dates move together by working days', async ({ inside: page }) => {
  await openList(page, '/da-fare?view=team')
  await page.keyboard.press('Space')
  const due = await selected(page).locator('time').getAttribute('datetime')

  await expect(bar(page)).toBeVisible()
  await page.keyboard.press('d')
  await expect(page.getByRole('spinbutton')).toBeFocused()
  await expectAccessibleInBothThemes(page)
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText('5')
  await page.keyboard.press('Enter')

  await expect(toast(page, 'Spostata la scadenza di 1 task')).toBeVisible()
  await expect(page.locator(`time[datetime="${due}"]`).first()).toBeVisible()
})

test('tasks are filtered, and the address keeps the filter', async ({ inside: page }) => {
  await openList(page, '/da-fare?view=team')
  await page.keyboard.press('f')
  await expect(page.getByLabel('Cerca nella lista')).toBeFocused()
  await page.keyboard.insertText(ONBOARDING().toLowerCase())
  await expect(page).toHaveURL(/text=tck/)
  await expect(row(page, 'TCK-')).toHaveCount(1)
  await expectAccessibleInBothThemes(page)

  await page.reload()
  await expect(page.getByLabel('Cerca nella lista')).toHaveValue(ONBOARDING().toLowerCase())
  await page.getByRole('button', { name: /Priorità/ }).click()
  await page.getByRole('option', { name: 'critica' }).click()
  await expect(page.getByRole('heading', { name: 'Nessun task con questi filtri' })).toBeVisible()
  await page.getByRole('link', { name: 'Togli i filtri' }).click()
  await expect(page).toHaveURL(/view=team$/)
})

test('tickets are given a priority and an owner together', async ({ inside: page }) => {
  await openList(page, '/ticket')
  await page.keyboard.press('Space')
  await page.keyboard.press('Shift+J')
  await expect(bar(page)).toContainText('2 scelti')
  await expectAccessibleInBothThemes(page)

  await page.keyboard.press('p')
  await page.getByRole('option', { name: 'alta' }).click()
  await expect(toast(page, 'Cambiati 2 ticket')).toBeVisible()
  await expect(page.getByRole('img', { name: 'Priorità: alta' })).toHaveCount(2)

  await page.getByRole('checkbox', { name: 'Scegli' }).first().click()
  await expect(bar(page)).toContainText('1 scelto')
  await bar(page).getByRole('button', { name: 'Assegna' }).click()
  await page.getByRole('option', { name: 'Luca Ferrero' }).click()
  await expect(toast(page, 'Cambiato 1 ticket')).toBeVisible()
  await expect(row(page, 'Luca F.')).not.toHaveCount(0)
})

test('an empty list of tickets says which filter hides most', async ({ inside: page }) => {
  await page.goto('/ticket?state=CANCELLED&owner=me')
  await page.getByRole('link', { name: /Togli lo stato: \d+ ticket/ }).click()
  await expect(page).toHaveURL(/\/ticket\?owner=me/)
})

test('a viewer selects nothing', async ({ page, context }) => {
  await enter(context, VIEWER_TOKEN())
  await openList(page, '/ticket')
  await expect(page.getByRole('checkbox')).toHaveCount(0)
  await page.keyboard.press('Space')
  await expect(bar(page)).toHaveCount(0)
})
