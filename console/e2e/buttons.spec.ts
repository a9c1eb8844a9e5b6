import {
  ask,
  enter,
  expect,
  expectAccessibleInBothThemes,
  FRESH,
  focusedRow,
  type Page,
  TREE,
  test,
  VIEWER_TOKEN,
} from './console'

const button = (page: Page, name: string) => page.locator('.tree-buttons').getByRole('button', { name })
const why = (page: Page) => page.locator('.why-not:visible')

test('a button says in words why it cannot be pressed now, and can be pressed as soon as it can', async ({
  inside: page,
}) => {
  await page.goto(`/ticket/${TREE()}`)
  await expect(focusedRow(page)).toContainText('Onboarding')
  await expect(button(page, 'Genera Opportunità')).toHaveAttribute('aria-disabled', 'false')
  await expect(button(page, 'Genera Attività CRM')).toHaveAttribute('aria-disabled', 'true')
  await expect(button(page, 'Genera Attività CRM')).toHaveAccessibleDescription(/Vale per un ticket figlio/)
  await expect(why(page)).toHaveCount(0)

  await page.keyboard.press('3')
  await expect(why(page)).toHaveText('Vale per un ticket figlio: scegli una sua riga.')
  await expect(focusedRow(page)).toContainText('Onboarding')
  await expectAccessibleInBothThemes(page)
  await button(page, 'Genera Attività CRM').focus()
  await expect(why(page)).toHaveCount(1)

  await page.locator('[role=row]', { hasText: 'TCK-T50' }).first().click()
  await expect(button(page, 'Genera Attività CRM')).toHaveAttribute('aria-disabled', 'false')
})

test('what a colleague does closes the buttons in the open page, with the reason in both languages', async ({
  inside: page,
}) => {
  const code = FRESH(3)
  await page.goto(`/ticket/${code}`)
  await expect(button(page, 'Genera Opportunità')).toHaveAttribute('aria-disabled', 'false')

  const { ticket } = await ask('query($code: String!) { ticket(code: $code) { id } }', { code })
  const { cancelTicket } = await ask(
    'mutation($id: ID!) { cancelTicket(ticketId: $id, reason: "Per sbaglio") { problems { code } } }',
    ticket,
  )
  expect(cancelTicket.problems).toEqual([])

  await expect(button(page, 'Genera Opportunità')).toHaveAttribute('aria-disabled', 'true')
  await button(page, 'Genera Opportunità').press('Enter')
  await expect(why(page)).toHaveText('Il ticket è annullato.')
  await expect(page.getByRole('complementary', { name: 'Genera Opportunità' })).toHaveCount(0)
  await page.getByRole('button', { name: 'English' }).click()
  await expect(button(page, 'Genera Opportunità')).toHaveAccessibleDescription('The ticket is cancelled.')
})

test('whoever may only read is offered no button', async ({ page, context }) => {
  await enter(context, VIEWER_TOKEN())
  await page.goto(`/ticket/${TREE()}`)
  await expect(focusedRow(page)).toBeVisible()

  await expect(page.locator('.tree-buttons')).toHaveCount(0)
})
