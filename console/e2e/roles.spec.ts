import {
  ADMIN_TOKEN,
  type BrowserContext,
  enter,
  expect,
  FRESH,
  focusedRow,
  isChange,
  ONBOARDING,
  OPERATOR_TOKEN,
  operationOf,
  type Page,
  row,
  test,
  VIEWER_TOKEN,
} from './console'

const LISTS = ['/da-fare?view=team', '/da-fare?view=inbox', '/da-fare?view=errors', '/ticket']
const KEYS = ['x', 'i', 's', 'r', 'a', 'd', 'n', '1', '2', '3', 'Space', 'Control+Enter', 'Enter', 'Control+z']

/** The changes that the browser asks the hub for, whatever came of them. */
function changesOf(context: BrowserContext): string[] {
  const changes: string[] = []
  context.on('request', (request) => {
    if (isChange(request)) changes.push(operationOf(request))
  })
  return changes
}

async function open(page: Page, path: string) {
  await page.goto(path)
  await expect(page.locator('main').getByRole('heading').first()).toBeVisible()
}

test('whatever a viewer presses on whichever screen, nothing is asked to change', async ({ page, context }) => {
  const changes = changesOf(context)
  await enter(context, VIEWER_TOKEN())

  for (const path of [...LISTS, `/ticket/${ONBOARDING()}`, `/ticket/${FRESH(0)}`]) {
    await open(page, path)
    for (const key of KEYS) await page.keyboard.press(key)
    await open(page, path)
    const buttons = await page.locator('main').getByRole('button').all()
    for (const button of buttons) {
      if (await button.isVisible()) await button.click({ force: true })
      await page.keyboard.press('Escape')
    }
  }

  expect(changes).toEqual([])
  await expect(page.getByText('Sola lettura')).toBeVisible()
})

for (const [role, token, word] of [
  ['an operator', OPERATOR_TOKEN, 'Operatore'],
  ['an administrator', ADMIN_TOKEN, 'Amministratore'],
] as const)
  test(`${role} is offered the work`, async ({ page, context, watch }) => {
    const changes = changesOf(context)
    await enter(context, token())
    await open(page, `/ticket/${FRESH(0)}`)
    await expect(page.getByRole('navigation', { name: 'Console' })).toContainText(word)
    for (const button of ['Genera Opportunità', 'Sincronizza Opportunità', 'Genera Attività CRM'])
      await expect(page.getByRole('button', { name: button })).toBeVisible()

    await open(page, `/ticket/${ONBOARDING()}`)
    await expect(focusedRow(page)).toBeVisible()
    await page.getByRole('button', { name: 'Completa Firma Incarico' }).click()
    await expect(row(page, 'Firma Incarico')).toContainText('Completato')
    await page.keyboard.press('Control+z')
    await expect(row(page, 'Firma Incarico')).toContainText('Da fare')
    // It shows before it is sent, and a page that is left sends nothing more.
    await expect.poll(() => changes).toEqual(['CompleteTask', 'ReopenTask'])
    await watch.quiet()
    await open(page, '/da-fare?view=inbox')
    await expect(page.getByRole('button', { name: 'Crea il ticket' })).toBeVisible()

    expect(changes).toEqual(['CompleteTask', 'ReopenTask'])
  })
