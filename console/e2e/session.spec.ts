import {
  enter,
  expect,
  expectAccessibleInBothThemes,
  OPERATOR_TOKEN,
  SIGN_IN_CODE,
  TREE,
  test,
  VIEWER_TOKEN,
} from './console'

test('a link signs in with one press, and only once', async ({ page, context, watch }) => {
  await page.goto(`/accedi?code=${SIGN_IN_CODE()}`)
  await page.getByRole('button', { name: 'Entra' }).click()
  await expect(page).toHaveURL(/\/da-fare$/)
  await expect(page.getByRole('navigation', { name: 'Console' })).toContainText('Giulia Moretti')

  watch.expectComplaint(/410 \(Gone\)/)
  // A page that is still open would ask without a session, and go to the sign-in page by itself.
  await page.goto('about:blank')
  await context.clearCookies()
  await page.goto(`/accedi?code=${SIGN_IN_CODE()}`)
  await page.getByRole('button', { name: 'Entra' }).click()
  await expect(page.getByRole('alert')).toContainText('non vale più')
})

test('a token signs in by the keyboard alone, and leads back to where one was', async ({ page }) => {
  await page.goto(`/ticket/${TREE()}`)
  await expect(page).toHaveURL(/\/accedi\?to=/)
  await expect(page.getByLabel('Token')).toBeFocused()

  await page.keyboard.insertText(OPERATOR_TOKEN())
  await page.keyboard.press('Enter')

  await expect(page).toHaveURL(new RegExp(`/ticket/${TREE()}`))
})

test('an address elsewhere is not followed after signing in', async ({ page, baseURL }) => {
  await page.goto('/accedi?to=https%3A%2F%2Fevil.example%2F')

  await page.getByLabel('Token').fill(OPERATOR_TOKEN())
  await page.getByRole('button', { name: 'Entra' }).click()

  await expect(page).toHaveURL(`${baseURL}/da-fare`)
})

test('a refused token says why, and the field keeps it', async ({ page, watch }) => {
  watch.expectComplaint(/401 \(Unauthorized\)/)
  await page.goto('/accedi')

  await page.getByLabel('Token').fill(`ihub_${'x'.repeat(43)}`)
  await page.keyboard.press('Enter')

  await expect(page.getByRole('alert')).toContainText('non è valido')
  await expect(page.getByLabel('Token')).toHaveValue(`ihub_${'x'.repeat(43)}`)
  await expectAccessibleInBothThemes(page)
})

test('signing out leads to the sign-in page and ends the session', async ({ inside: page, watch }) => {
  await page.goto('/ticket')

  await page.getByRole('button', { name: 'Esci' }).click()

  await expect(page.getByRole('status')).toContainText('Sessione chiusa')
  await page.goto('/ticket')
  await expect(page).toHaveURL(/\/accedi/)
  watch.expectComplaint(/401/)
})

test('what is refused while the session ends does not hide that it was ended', async ({ inside: page, watch }) => {
  await page.goto('/ticket')
  // The answer of the sign-out is slow: meanwhile the hub closes the socket of a session that is no more.
  await page.route('**/sign-out', async (route) => {
    const answer = await route.fetch({ maxRedirects: 0 })
    await new Promise((resolve) => setTimeout(resolve, 8_000))
    await route.fulfill({ response: answer })
  })

  await page.getByRole('button', { name: 'Esci' }).click()

  await expect(page.getByRole('status')).toContainText('Sessione chiusa')
  watch.expectComplaint(/401/)
})

test('GraphiQL is one step away, and one step back', async ({ inside: page }) => {
  await page.goto('/ticket')

  await page.getByRole('link', { name: 'GraphiQL' }).click()
  await expect(page).toHaveURL(/\/graphiql/)

  await page.getByRole('link', { name: 'Console' }).click()
  await expect(page).toHaveURL(/\/da-fare/)
})

test('theme and language are there at once, and stay', async ({ inside: page }) => {
  await page.goto('/ticket')
  await page.getByRole('button', { name: 'Tema scuro' }).click()
  await page.getByRole('button', { name: 'English' }).click()
  await expect(page.getByRole('heading', { name: 'Tickets' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')

  await page.reload({ waitUntil: 'commit' })

  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await expect(page.getByRole('heading', { name: 'Tickets' })).toBeVisible()
  await page.evaluate(() => localStorage.clear())
})

test('a viewer reads, and is offered nothing to change', async ({ page, context }) => {
  await enter(context, VIEWER_TOKEN())
  await page.goto(`/ticket/${TREE()}`)

  await expect(page.getByText('Sola lettura')).toBeVisible()
  await expect(page.getByRole('treegrid')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Completa/ })).toHaveCount(0)
})
