import { expect, focusedRow, isChange, ONBOARDING, type Page, row, test } from './console'

const [FIRST, SECOND] = ['Predisposizione Incarico', 'Invio Incarico'] as const

async function open(page: Page) {
  await page.goto(`/ticket/${ONBOARDING()}`)
  await expect(focusedRow(page)).toBeVisible()
}

test('a page asks before it is left while a change waits for an answer, and not any more after that', async ({
  inside: page,
  colleague,
}) => {
  await open(page)
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route('**/graphql', async (route) => {
    if (isChange(route.request())) await held
    await route.continue()
  })
  const questions: string[] = []
  page.on('dialog', async (dialog) => {
    questions.push(dialog.type())
    await dialog.dismiss()
  })
  await row(page, FIRST).click()
  await expect(focusedRow(page)).toContainText(FIRST)
  await page.keyboard.press('i')
  await page.getByRole('button', { name: `Completa ${FIRST}` }).click()

  await page.evaluate(() => location.reload())

  await expect.poll(() => questions).toEqual(['beforeunload'])
  letGo()
  await open(colleague)
  await expect(row(colleague, FIRST)).toContainText('Completato')
  // The hub has it; this page hears of that a moment later.
  const mayLeave = () => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
  await expect.poll(() => page.evaluate(mayLeave)).toBe(true)
  await page.reload()
  await expect(row(page, FIRST)).toContainText('Completato')
  expect(questions).toEqual(['beforeunload'])
})

test('a change that was just sent arrives, even if the page is left at once', async ({ inside: page, colleague }) => {
  await open(page)
  // A slow network: the page is gone before the request is on its way.
  await page.context().route('**/graphql', async (route) => {
    if (isChange(route.request())) await new Promise((resolve) => setTimeout(resolve, 500))
    await route.continue()
  })

  await page.getByRole('button', { name: `Completa ${SECOND}` }).evaluate((button: HTMLElement) => {
    button.click()
    location.assign('/login')
  })

  await open(colleague)
  await expect(row(colleague, SECOND)).toContainText('Completato')
})
