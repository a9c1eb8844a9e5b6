import {
  expect,
  expectAccessibleInBothThemes,
  expectRowsToFit,
  focusedRow,
  goDown,
  operationOf,
  row,
  TREE,
  test,
} from './console'

test('the palette finds by a few words, and goes to a ticket by its whole code', async ({ inside: page }) => {
  await page.goto('/ticket')
  await expect(page.getByRole('grid')).toBeVisible()

  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.insertText('firma inc')
  await expect(page.getByRole('option').first()).toContainText('Firma Incarico')
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(TREE())
  await expect(page.getByRole('option', { selected: true })).toContainText(TREE())
  await expectAccessibleInBothThemes(page)
  await page.keyboard.press('Enter')

  await expect(page).toHaveURL(new RegExp(`/ticket/${TREE()}`))
})

test('keys are listed, can be switched off, and do nothing while somebody types', async ({ inside: page }) => {
  await page.goto('/ticket')
  await expect(page.getByRole('grid')).toBeVisible()

  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Cerca o comanda')
  await expectAccessibleInBothThemes(page)
  await dialog.getByRole('checkbox').uncheck()
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)

  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.insertText('?')
  await expect(page.getByRole('combobox')).toHaveValue('?')
  await page.evaluate(() => localStorage.clear())
})

test('a dialog gives the focus back to the row', async ({ inside: page }) => {
  await page.goto('/ticket')
  await expect(focusedRow(page)).toBeVisible()
  const key = await goDown(page)

  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox')).toBeFocused()
  await page.keyboard.press('Escape')

  await expect(page.locator(`[data-key="${key}"]`)).toBeFocused()
})

test('filters are in the address: reload, back and a sent link show the same', async ({ inside: page }) => {
  await page.goto('/ticket')
  await expect(page.getByRole('grid')).toBeVisible()
  await expectAccessibleInBothThemes(page)

  await page.getByRole('button', { name: /Stato/ }).click()
  await page.getByRole('option', { name: 'chiusi' }).click()
  await expect(page).toHaveURL(/state=CLOSED/)
  await expect(row(page, TREE())).toBeVisible()
  await expect(row(page, 'Aperto').filter({ hasText: 'TCK-' })).toHaveCount(0)

  await page.reload()
  await expect(row(page, TREE())).toBeVisible()

  await page.goBack()
  await expect(page).toHaveURL(/\/ticket$/)
  await expect(row(page, 'Aperto').first()).toBeVisible()
})

test('`/` searches the list by company or code, and the address keeps it', async ({ inside: page }) => {
  await page.goto('/ticket')
  await expect(focusedRow(page)).toBeVisible()

  await page.keyboard.press('/')
  await expect(page.getByLabel('Cerca nella lista')).toBeFocused()
  await page.keyboard.insertText(TREE().toLowerCase())
  await expect(page).toHaveURL(/text=tck/)
  await expect(row(page, 'TCK-')).toHaveCount(1)
  await expect(page.getByLabel('Cerca nella lista')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(focusedRow(page)).toContainText(TREE())

  await page.reload()
  await expect(page.getByLabel('Cerca nella lista')).toHaveValue(TREE().toLowerCase())
})

test('the list is sorted by a column, and says which', async ({ inside: page }) => {
  await page.goto('/ticket?kind=ALL')
  await page.getByRole('columnheader', { name: 'Codice' }).getByRole('link').click()

  await expect(page.getByRole('columnheader', { name: 'Codice' })).toHaveAttribute('aria-sort', 'ascending')
  await expect(page).toHaveURL(/sort=code/)
  // The rows of the old order stay until the new ones are here.
  await expect
    .poll(async () => {
      const codes = await page.locator('[role=gridcell].code').allInnerTexts()
      return codes.length > 1 && codes.join() === [...codes].sort().join()
    })
    .toBe(true)
})

test('the way back from a ticket leads to its row', async ({ inside: page }) => {
  await page.goto('/ticket')
  await expect(focusedRow(page)).toBeVisible()
  await goDown(page)
  const key = await goDown(page)

  await page.keyboard.press('Enter')
  await expect(page.getByRole('treegrid')).toBeVisible()
  await page.goBack()

  await expect(page.locator(`[data-key="${key}"]`)).toBeFocused()
})

test('an empty list offers to remove the filters', async ({ inside: page }) => {
  await page.goto('/ticket?state=CANCELLED')

  await page.getByRole('link', { name: 'Togli i filtri' }).click()

  await expect(page).toHaveURL(/\/ticket$/)
})

test('a page that does not exist says so', async ({ inside: page }) => {
  await page.goto('/nowhere')
  await expect(page.getByRole('heading', { name: 'Questa pagina non c’è' })).toBeVisible()

  await page.goto('/ticket/TCK-XXX-1-00')
  await expect(page.getByRole('heading', { name: /Nessun ticket ha il codice/ })).toBeVisible()
  await expectAccessibleInBothThemes(page)
})

test('a page of another build than the hub sends the texts that the hub does not know', async ({
  inside: page,
  watch,
}) => {
  watch.expectComplaint(/400|^Text: \w+ is not known/)
  const unknown = { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] }
  await page.route('**/graphql', (route) =>
    route.request().postDataJSON().query ? route.continue() : route.fulfill({ status: 400, json: unknown }),
  )
  await page.goto('/ticket')
  await expect(row(page, TREE()).first()).toBeVisible()
  expect(watch.complaints()).toContain('Text: Tickets is not known by its hash.')
})

test('a hub that fails a list is said to, and another try shows it', async ({ inside: page, watch }) => {
  watch.expectComplaint(/500|Failed to load/)
  await page.route('**/graphql', async (route) => {
    await (operationOf(route.request()) === 'Tickets'
      ? route.fulfill({ status: 500, headers: { 'x-request-id': 'req_seen' }, body: '{}' })
      : route.continue())
  })
  await page.goto('/ticket')
  await expect(page.getByRole('alert')).toContainText('req_seen')

  await page.unroute('**/graphql')
  await page.getByRole('button', { name: 'Riprova' }).click()

  await expect(page.getByRole('grid')).toBeVisible()
})

test('on a phone the list reads, and nothing is wider than the screen', async ({ inside: page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto('/ticket')
  await expect(row(page, 'Start Office Digital').first()).toBeVisible()
  await expectAccessibleInBothThemes(page)

  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width).toBeLessThanOrEqual(390)
  await expectRowsToFit(page)

  await row(page, 'Start Office Digital').first().click()
  await expect(page.getByRole('treegrid')).toBeVisible()
})
