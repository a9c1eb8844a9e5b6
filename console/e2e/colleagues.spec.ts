import {
  expect,
  expectAccessibleInBothThemes,
  focusedRow,
  ONBOARDING,
  type Page,
  row,
  saving,
  shownTree,
  test,
} from './console'

const [FIRST, SECOND, THIRD, LAST] = [
  'Predisposizione Incarico',
  'Invio Incarico',
  'Firma Incarico',
  'Invio Mail di Benvenuto',
] as const

async function open(page: Page) {
  await page.goto(`/ticket/${ONBOARDING()}`)
  await expect(focusedRow(page)).toBeVisible()
}

const complete = (page: Page, task: string) => page.getByRole('button', { name: `Completa ${task}` }).click()

/** Opens the page without a socket: it learns of nothing until it asks. */
async function openDeaf(page: Page) {
  await page.routeWebSocket('**/graphql', () => undefined)
  await open(page)
}

test('three windows of two operators who work at once end alike, and nothing of either is lost', async ({
  inside: page,
  context,
  colleague,
}) => {
  const second = await context.newPage()
  for (const window of [page, second, colleague]) await open(window)

  await Promise.all([complete(page, FIRST), complete(colleague, SECOND), complete(second, THIRD)])
  for (const window of [page, second, colleague]) await expect(row(window, /^Onboarding/)).toContainText('3/4')
  await Promise.all([
    colleague.getByRole('button', { name: `Riapri ${FIRST}` }).click(),
    page.getByRole('button', { name: `Riapri ${THIRD}` }).click(),
  ])

  for (const window of [page, second, colleague]) {
    await expect(row(window, /^Onboarding/)).toContainText('1/4')
    await expect(row(window, SECOND)).toContainText('Completato')
    await expect(row(window, FIRST)).toContainText('Da fare')
    await expect(row(window, THIRD)).toContainText('Da fare')
    await expect(window.locator('.row-note')).toHaveCount(0)
  }
  const [here, ...others] = await Promise.all([page, second, colleague].map(shownTree))
  for (const shown of others) expect(shown).toEqual(here)
  await page.reload()
  await expect(row(page, /^Onboarding/)).toContainText('1/4')
  expect(await shownTree(page)).toEqual(here)
})

test('what a colleague made of a task meanwhile is told with his name, and the own wish can be tried again', async ({
  inside: page,
  colleague,
}) => {
  await openDeaf(page)
  await row(page, LAST).click()
  await expect(focusedRow(page)).toContainText(LAST)
  await open(colleague)
  await saving(colleague, () => complete(colleague, LAST))
  await expect(row(colleague, LAST)).toContainText('Completato')

  await page.keyboard.press('i')

  await expect(page.locator('.row-note')).toContainText('Luca')
  await expect(page.locator('.row-note')).toContainText('completato')
  await expect(row(page, LAST)).toContainText('Completato')
  await expect(focusedRow(page)).toContainText(LAST)
  await expectAccessibleInBothThemes(page)

  await saving(colleague, () => colleague.getByRole('button', { name: `Riapri ${LAST}` }).click())
  await page.reload()
  await row(page, LAST).click()
  await expect(focusedRow(page)).toContainText(LAST)
  await page.keyboard.press('i')
  await expect(row(colleague, LAST)).toContainText('In corso')
})
