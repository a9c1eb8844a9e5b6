import { ask, expect, expectAccessibleInBothThemes, focusedRow, type Page, test } from './console'

const cards = (page: Page) => page.locator('.card .card-link')

/** Moves the focus on by Tab until it is on a link of a card. */
async function tabTo(page: Page, at: number) {
  const link = cards(page).nth(at)
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (await link.evaluate((one) => one === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach card ${at}.`)
}

/** How many rows a card says that it is of. */
async function rowsOf(page: Page, at: number): Promise<number> {
  const words = await page.locator('.card').nth(at).locator('p').last().textContent()
  const [, count] = /(\d+)\D*$/.exec(words?.split(' ·')[0] ?? '') ?? []
  return Number(count)
}

test('by keys alone each card opens its rows, as many as it says, and the way back leads to it', async ({
  inside: page,
}) => {
  const looked = new Set<string>()
  await page.goto('/indicatori')
  await expect(cards(page)).toHaveCount(12)

  for (let at = 0; at < 12; at += 1) {
    await tabTo(page, at)
    const link = cards(page).nth(at)
    const [title = '', number = ''] = (await link.getAttribute('aria-label'))?.split(': ') ?? []
    const rows = await rowsOf(page, at)
    // A number without a unit is a count.
    if (/^[\d.]+$/.test(number)) expect(Number(number.replace('.', ''))).toBe(rows)
    await page.keyboard.press('Enter')

    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
    if (rows) {
      await expect(focusedRow(page)).toBeVisible()
      await expect(page.getByRole('grid')).toHaveAttribute('aria-rowcount', String(rows + 1))
    } else await expect(page.getByText('Nessuna riga dietro questo numero')).toBeVisible()
    const heads = (await page.getByRole('columnheader').allTextContents()).join()
    if (!looked.has(heads)) await expectAccessibleInBothThemes(page)
    looked.add(heads)
    await page.keyboard.press('Escape')

    await expect(cards(page).nth(at)).toBeFocused()
    await expect(cards(page).nth(at)).toBeInViewport()
  }
})

test('the numbers beside a card, the load of operators and the charts lead back to where one was', async ({
  inside: page,
}) => {
  await page.goto('/indicatori')
  await expect(cards(page)).toHaveCount(12)
  const beside = page.locator('.card', { hasText: 'Completati' }).locator('a.number').first()
  const load = page.getByRole('region', { name: 'Carico per operatore' }).getByRole('link').first()
  const chart = page.getByRole('slider', { name: 'Completati nel tempo' })

  for (const number of [beside, load, chart]) {
    await number.focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: 'Agli indicatori' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(number).toBeFocused()
  }
})

test('behind a share each row says whether it counts, and behind the progress its own share', async ({
  inside: page,
}) => {
  const { tasks } = await ask(
    '{ tasks(first: 1, filter: { ready: { eq: true }, status: { eq: TODO } }) { nodes { id } } }',
  )
  await ask('mutation ($id: ID!) { startTask(taskId: $id) { problems { message } } }', { id: tasks.nodes[0].id })
  const { kpis } = await ask(
    '{ kpis(lastDays: 30, figures: [{ key: ON_TIME }, { key: PROGRESS }]) { figures { measure { address } } } }',
  )
  const [onTime, progress] = kpis.figures.map(({ measure }: { measure: { address: string } }) => measure.address)

  for (const [address, column, each] of [
    [onTime, 'Conta', /(sì|no)$/],
    [progress, 'Quota', /\d\s?%$/],
  ] as const) {
    await page.goto(`/indicatori/righe?address=${encodeURIComponent(address)}`)
    await expect(page.getByRole('columnheader')).toHaveText(['Elemento', column, 'Quando'])
    await expect(page.getByRole('row').nth(1).getByRole('gridcell').nth(1)).toHaveText(each)
  }
})

test('in English shares and hours are written as the language writes them', async ({ inside: page }) => {
  await page.addInitScript(() => localStorage.setItem('hub.language', 'en'))
  await page.goto('/indicatori')
  await expect(page.getByRole('link', { name: /^On time: [\d.]+%$/ })).toBeVisible()
  await expect(page.locator('.card', { hasText: 'Load over hours' })).toContainText('of work')
  await expectAccessibleInBothThemes(page)
})

test('a phone shows no list of keys', async ({ inside: page }) => {
  await page.goto('/indicatori')
  await expect(cards(page)).toHaveCount(12)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toContainText('Tutti i tasti')
  await page.setViewportSize({ width: 390, height: 800 })
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.keyboard.press('?')
  await expectAccessibleInBothThemes(page)
  await expect(page.getByRole('dialog')).toHaveCount(0)
})
