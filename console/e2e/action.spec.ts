import {
  enter,
  expect,
  expectAccessibleInBothThemes,
  FRESH,
  focusedRow,
  type Page,
  planFault,
  row,
  switchCrm,
  test,
  VIEWER_TOKEN,
} from './console'

const panel = (page: Page, name = 'Genera Opportunità') => page.getByRole('complementary', { name })
const items = (page: Page) => page.locator('.action-items li')
const SEDE = 'Il campo Sede è obbligatorio per la categoria Consulenza'

/** The second opportunity that is created from now on is refused. */
const refuseTheSecond = () =>
  planFault({
    match: { controller: 'Opportunity', action: 'create', nth: 2 },
    fault: 'status',
    args: { status: 400, message: SEDE },
  })

async function openTree(page: Page, code: string) {
  await page.goto(`/ticket/${code}`)
  await expect(focusedRow(page)).toBeVisible()
}

test('🟡 by mouse: from the preview, with a line left out and taken in again, to the numbers of the CRM', async ({
  inside: page,
}) => {
  await openTree(page, FRESH(0))
  await page.getByRole('button', { name: 'Genera Opportunità' }).click()
  await expect(panel(page)).toContainText('4 da creare')
  await expect(panel(page)).toContainText('9 chiamate')
  await expectAccessibleInBothThemes(page)

  await panel(page).getByRole('button', { name: 'Togli' }).click()
  await expect(panel(page)).toContainText('riga facoltativa, non scelta')
  await expect(panel(page)).toContainText('3 da creare')
  await panel(page).getByRole('button', { name: 'Includi' }).click()
  await expect(panel(page)).toContainText('4 da creare')

  await panel(page).getByRole('button', { name: 'Esegui' }).click()
  await expect(panel(page)).toContainText('Completata')
  await expect(panel(page)).toContainText('4 create')
  await expect(items(page).first()).toContainText(/\d{6}/)
  await expect(page.locator('.tree-head')).toContainText('Opportunità 4')
  await expectAccessibleInBothThemes(page)
  await panel(page).getByRole('button', { name: 'Chiudi Esc' }).click()
  await expect(panel(page)).toHaveCount(0)
})

test('🟠 and 🟣 by keys alone: the children appear, and the focus comes back to the row', async ({ inside: page }) => {
  await openTree(page, FRESH(0))
  await page.keyboard.press('3')
  await expect(page.getByRole('button', { name: 'Genera Attività CRM' })).toHaveAttribute('aria-disabled', 'true')

  await page.keyboard.press('2')
  await expect(panel(page, 'Sincronizza Opportunità')).toBeFocused()
  await expect(panel(page, 'Sincronizza Opportunità')).toContainText('4 da creare')
  await page.keyboard.press('Control+Enter')
  await expect(panel(page, 'Sincronizza Opportunità')).toContainText('Completata')
  await page.keyboard.press('Escape')
  await expect(focusedRow(page)).toContainText('Onboarding')

  // The tree hears of its children by itself, a moment before or after the action has ended.
  await expect(row(page, 'Transizione 5.0').first()).toBeVisible()
  await page.keyboard.press('j')
  await expect(focusedRow(page)).toContainText('Transizione 5.0')
  await page.keyboard.press('3')
  await expect(panel(page, 'Genera Attività CRM')).toContainText('6 da creare')
  await page.keyboard.press('Control+Enter')
  await expect(panel(page, 'Genera Attività CRM')).toContainText('Completata')
  await page.keyboard.press('Escape')
  await expect(focusedRow(page)).toContainText('Transizione 5.0')
  await expect(row(page, 'Fattibilità tecnica')).toContainText(/\d{6}/)
})

test('what the CRM refuses waits with its words, and only that is tried again', async ({ inside: page }) => {
  await refuseTheSecond()
  await openTree(page, FRESH(1))
  await page.keyboard.press('1')
  await expect(panel(page)).toContainText('4 da creare')
  await page.keyboard.press('Control+Enter')
  await expect(panel(page)).toContainText('Aspetta una persona')
  await expect(items(page).first()).toContainText('rifiutata')
  await expect(items(page).first()).toContainText(`«${SEDE}»`)
  await expect(page.locator('.tree-head')).toContainText('Genera Opportunità: 1 voce aspetta')
  await expectAccessibleInBothThemes(page)
  const made = await items(page).filter({ hasText: 'creata' }).locator('.item-end').allTextContents()
  expect(made).toHaveLength(3)

  await panel(page).focus()
  await page.keyboard.press('r')

  await expect(panel(page)).toContainText('Completata')
  await expect(panel(page)).toContainText('4 create')
  const after = await items(page).locator('.item-end').allTextContents()
  for (const number of made) expect(after).toContain(number)
  await expect(page.locator('.tree-head')).not.toContainText('aspetta')
})

test('what waits can be put away, which asks first', async ({ inside: page }) => {
  await refuseTheSecond()
  await openTree(page, FRESH(2))
  await page.keyboard.press('1')
  await expect(panel(page)).toContainText('4 da creare')
  await page.keyboard.press('Control+Enter')

  await panel(page).getByRole('button', { name: 'Metti via…' }).click()
  await expect(panel(page)).toContainText('Nel CRM non cambia nulla')
  await panel(page).getByRole('button', { name: 'Lascia com’è' }).click()
  await panel(page).getByRole('button', { name: 'Metti via…' }).click()
  await panel(page).getByRole('button', { name: 'Metti via', exact: true }).click()

  await expect(panel(page)).toContainText('Annullata')
  await expect(panel(page)).toContainText('3 create')
})

test('an open onboarding asks for a reason, which stays on record', async ({ inside: page }) => {
  await openTree(page, FRESH(3))
  await page.keyboard.press('1')
  await expect(panel(page)).toContainText('L’onboarding non è chiuso.')
  await expect(panel(page).getByLabel('Motivo')).toBeFocused()
  await expectAccessibleInBothThemes(page)

  await page.keyboard.insertText('Firmato in sede')
  await page.keyboard.press('Enter')

  await expect(panel(page)).toContainText('4 da creare')
  await expect(panel(page)).toContainText('Motivo, che resta agli atti: Firmato in sede')
})

test('an old preview is not run: it says what differs, and shows what would happen now', async ({
  inside: page,
  context,
}) => {
  const other = await context.newPage()
  for (const window of [page, other]) {
    await openTree(window, FRESH(3))
    await window.keyboard.press('1')
    await expect(panel(window).getByLabel('Motivo')).toBeFocused()
    await window.keyboard.insertText('Firmato in sede')
    await window.keyboard.press('Enter')
    await expect(panel(window)).toContainText('4 da creare')
  }
  await other.keyboard.press('Control+Enter')
  await expect(panel(other)).toContainText('Completata')

  await page.keyboard.press('Control+Enter')

  await expect(panel(page).getByRole('alert')).toContainText(
    'L’anteprima non vale più. È cambiato: Start Office Finance',
  )
  await expectAccessibleInBothThemes(page)
  await panel(page).getByRole('button', { name: 'Rifai l’anteprima' }).click()
  await expect(panel(page)).toContainText('4 invariate')
})

test('a running action is found again after a reload, from another window, and by its own address', async ({
  inside: page,
  context,
}) => {
  await openTree(page, FRESH(4))
  await page.keyboard.press('1')
  await expect(panel(page)).toContainText('4 da creare')
  // The hub waits two seconds for an answer: until the CRM is quick again, the action certainly still runs.
  await switchCrm({ latency_seconds: 3 })
  await page.keyboard.press('Control+Enter')
  await expect(panel(page)).toContainText('In esecuzione')
  await expect(page).toHaveURL(/action=axn_/)

  await page.reload()
  await expect(panel(page)).toContainText('In esecuzione')
  const other = await context.newPage()
  await openTree(other, FRESH(4))
  await other.getByRole('button', { name: /Genera Opportunità · \d di 4/ }).click()
  await expect(panel(other)).toContainText(/\d di 4/)
  await panel(other).focus()
  await other.keyboard.press('Escape')
  await expect(panel(other)).toHaveCount(0)

  await switchCrm({ latency_seconds: 0 })
  await expect(panel(page)).toContainText('4 create')
  const id = new URL(page.url()).searchParams.get('action')
  await page.goto(`/azioni/${id}`)
  await expect(panel(page)).toContainText('4 create')
  await expectAccessibleInBothThemes(page)
})

test('a viewer has no buttons, and reads how an action went', async ({ page, context }) => {
  await enter(context, VIEWER_TOKEN())
  await openTree(page, FRESH(2))
  await expect(page.getByRole('button', { name: 'Genera Opportunità' })).toHaveCount(0)

  await page.keyboard.press('1')

  await expect(panel(page)).toHaveCount(0)
})

test('on a phone an action reads', async ({ inside: page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`/ticket/${FRESH(4)}?action=sync`)
  await expect(panel(page, 'Sincronizza Opportunità')).toContainText('4 da creare')

  await expectAccessibleInBothThemes(page)
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width).toBeLessThanOrEqual(390)
})
