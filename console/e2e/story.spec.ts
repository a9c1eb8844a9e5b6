import { expect, focusedRow, type Page, planFault, row, test } from './console'

const TASKS = ['Predisposizione Incarico', 'Invio Incarico', 'Firma Incarico', 'Invio Mail di Benvenuto']
const pane = (page: Page) => page.getByRole('complementary', { name: 'Dettagli' })
const panel = (page: Page, name: string) => page.getByRole('complementary', { name })

test('the whole story by mouse, with a CRM that fails in the middle of 🟡', async ({ inside: page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Da smistare' }).click()
  await row(page, 'Venduto un kit, ma quale?').click()
  await pane(page).getByRole('button', { name: /Kit/ }).click()
  await page.getByRole('option', { name: 'Start Office Digital' }).click()
  await pane(page).getByRole('button', { name: 'Crea il ticket' }).click()
  await pane(page)
    .getByRole('link', { name: /TCK-SOD/ })
    .click()
  for (const task of TASKS) await page.getByRole('button', { name: `Completa ${task}` }).click()
  await expect(page.locator('.tree-head')).toContainText('Chiuso')
  await expect(page.getByRole('tab', { name: 'Cronologia' })).toBeVisible()

  await planFault({
    match: { controller: 'Opportunity', action: 'create', nth: 2 },
    fault: 'status',
    args: { status: 400, message: 'Il campo Sede è obbligatorio' },
  })
  await page.getByRole('button', { name: 'Genera Opportunità' }).click()
  await panel(page, 'Genera Opportunità').getByRole('button', { name: 'Esegui' }).click()
  await expect(panel(page, 'Genera Opportunità')).toContainText('«Il campo Sede è obbligatorio»')
  await panel(page, 'Genera Opportunità').getByRole('button', { name: 'Riprova 1 voce' }).click()
  await expect(panel(page, 'Genera Opportunità')).toContainText('4 create')

  await page.getByRole('button', { name: 'Sincronizza Opportunità' }).click()
  await panel(page, 'Sincronizza Opportunità').getByRole('button', { name: 'Esegui' }).click()
  await expect(panel(page, 'Sincronizza Opportunità')).toContainText('Completata')
  await row(page, 'TCK-T50').first().click()
  await page.getByRole('button', { name: 'Genera Attività CRM' }).click()
  await panel(page, 'Genera Attività CRM').getByRole('button', { name: 'Esegui' }).click()
  await expect(panel(page, 'Genera Attività CRM')).toContainText('Completata')
  await panel(page, 'Genera Attività CRM').getByRole('button', { name: 'Chiudi Esc' }).click()

  await page
    .getByRole('button', { name: /^Completa / })
    .first()
    .click()
  await expect(page.locator('.tree-head')).toContainText(/5\s*completati/)
})

test('the whole story by the keyboard alone', async ({ inside: page }) => {
  const press = (key: string) => page.keyboard.press(key)
  await page.goto('/da-fare?view=inbox')
  await expect(focusedRow(page)).toContainText('Più kit possibili')
  await expect(pane(page).getByRole('radio')).toHaveCount(2)
  await press('1')
  await expect(pane(page).getByRole('radio').first()).toBeFocused()
  await press('Enter')
  await expect(pane(page)).toContainText('Decisa')
  await press('Tab')
  await expect(pane(page).getByRole('link', { name: /TCK-SOD/ })).toBeFocused()
  await press('Enter')

  await expect(focusedRow(page)).toContainText('Onboarding')
  for (const task of TASKS) {
    await press('j')
    await expect(focusedRow(page)).toContainText(task)
    await press('x')
    await expect(focusedRow(page)).toContainText('Completato')
  }
  await expect(page.locator('.tree-head')).toContainText('Chiuso')

  for (const [key, name, shown] of [
    ['1', 'Genera Opportunità', '4 da creare'],
    ['2', 'Sincronizza Opportunità', '4 da creare'],
  ] as const) {
    await press(key)
    await expect(panel(page, name)).toContainText(shown)
    await press('Control+Enter')
    await expect(panel(page, name)).toContainText('Completata')
    await press('Escape')
    await expect(focusedRow(page)).toBeVisible()
  }
  await expect(row(page, 'TCK-T50').first()).toBeVisible()
  await press('j')
  await expect(focusedRow(page)).toContainText('TCK-T50')
  await press('3')
  await expect(panel(page, 'Genera Attività CRM')).toContainText('6 da creare')
  await press('Control+Enter')
  await expect(panel(page, 'Genera Attività CRM')).toContainText('6 create')
  await press('Escape')

  await press('g')
  await press('f')
  await expect(page).toHaveURL(/\/da-fare/)
})
