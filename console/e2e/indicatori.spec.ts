import {
  ask,
  expect,
  expectAccessibleInBothThemes,
  focusedRow,
  ONBOARDING,
  type Page,
  row,
  switchHub,
  test,
} from './console'

const AWAY = /WebSocket|Failed to load|ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE/

/** The link to the rows behind the number of a card. */
const number = (page: Page, title: string) => page.getByRole('link', { name: new RegExp(`^${title}: `) })

/** What the hub says that the figures are: asked for without the board. */
async function figures(): Promise<Record<string, number>> {
  const { kpis } = await ask(`{
    kpis(lastDays: 30, figures: [
      { key: FINISHED, subject: TASKS } { key: LATE, subject: TASKS } { key: INBOX, subject: SALES }
      { key: IN_PROGRESS, subject: MILESTONES }
    ]) { figures { definition { key } measure { value } } }
  }`)
  return Object.fromEntries(
    kpis.figures.map((one: { definition: { key: string }; measure: { value: string } }) => [
      one.definition.key,
      Number(one.measure.value),
    ]),
  )
}

async function openBoard(page: Page, search = '') {
  await page.goto(`/indicatori${search}`)
  await expect(number(page, 'Completati')).toBeVisible()
}

test('the board shows what the hub counts, and a number opens the rows behind it and leads back', async ({
  inside: page,
}) => {
  const counted = await figures()
  await page.goto('/ticket')
  await expect(focusedRow(page)).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await expect(page.locator('.card')).toHaveCount(12)
  await expect(number(page, 'Completati')).toHaveText(String(counted.FINISHED))
  await expect(number(page, 'In ritardo adesso')).toHaveText(String(counted.LATE))
  await expect(number(page, 'Da smistare')).toHaveText(String(counted.INBOX))
  await expect(number(page, 'In corso adesso')).toHaveText(String(counted.IN_PROGRESS))
  await expectAccessibleInBothThemes(page)

  await number(page, 'Completati').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Completati' })).toBeVisible()
  await expect(page.getByRole('grid')).toHaveAttribute('aria-rowcount', String((counted.FINISHED ?? 0) + 1))
  await expectAccessibleInBothThemes(page)
  await page.keyboard.press('Escape')
  await expect(number(page, 'Completati')).toBeVisible()

  await number(page, 'Completati').click()
  const title = await focusedRow(page).locator('strong').getAttribute('title')
  const [, task = 'a title'] = title?.split(' · ') ?? []
  await page.keyboard.press('Enter')
  await expect(page.getByRole('treegrid')).toBeVisible()
  await expect(focusedRow(page)).toContainText(task)
  await expect(focusedRow(page)).toBeInViewport({ ratio: 0.9 })
  await page.goBack()
  await page.goBack()

  await number(page, 'Da smistare').click()
  await expect(focusedRow(page)).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/da-fare\?view=inbox&item=/)
  await page.goBack()
  await page.goBack()
  await expect(number(page, 'Da smistare')).toBeVisible()
})

test('what a colleague completes changes the board, and the period and the kit are in its address', async ({
  inside: page,
}) => {
  await openBoard(page)
  const before = (await figures()).FINISHED ?? 0
  await expect(number(page, 'Completati')).toHaveText(String(before))

  const { ticket } = await ask(`query T($code: String!) { ticket(code: $code) { milestones { tasks { id } } } }`, {
    code: ONBOARDING(),
  })
  const [task] = ticket.milestones[0].tasks
  await ask(`mutation { completeTask(taskId: "${task.id}") { problems { code } } }`)
  await expect(number(page, 'Completati')).toHaveText(String(before + 1))

  await page.getByRole('navigation', { name: 'Periodo' }).getByRole('link', { name: 'Trimestre' }).click()
  await expect(page).toHaveURL(/days=90/)
  await page.getByRole('button', { name: / Kit$/ }).click()
  await page.getByRole('option', { name: 'Start Office Finance' }).click()
  await expect(page).toHaveURL(/days=90&kit=/)
  await expect(number(page, 'Completati')).toHaveText('1')
  await expect(number(page, 'Da smistare')).toHaveText('0')
  await page.reload()
  await expect(number(page, 'Completati')).toHaveText('1')
})

test('by keys a chart is read, opened, and shown as a table', async ({ inside: page }) => {
  await openBoard(page)
  const chart = page.getByRole('slider', { name: 'Completati nel tempo' })
  await chart.focus()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('End')
  const { FINISHED } = await figures()
  await expect(chart).toHaveAttribute('aria-valuetext', new RegExp(`completati ${FINISHED},`))
  await page.keyboard.press('Enter')
  await expect(row(page, 'Predisposizione Incarico').first()).toBeVisible()
  await page.keyboard.press('Escape')

  const panel = page.getByRole('region', { name: 'Completati nel tempo' }).first()
  await panel.getByRole('button', { name: 'Tabella' }).focus()
  await page.keyboard.press('Enter')
  await expect(panel.getByRole('row')).toHaveCount(31)
  await expect(panel.getByRole('row').last().getByRole('link').first()).toHaveText(String(FINISHED))
  await expectAccessibleInBothThemes(page)
})

test('a wall shows the whole board without scrolling, says when it stands still, and goes on by itself', async ({
  inside: page,
  watch,
}) => {
  watch.expectComplaint(AWAY)
  await page.clock.install()
  await page.setViewportSize({ width: 1440, height: 900 })
  await openBoard(page, '?wall=1')
  await expect(page.getByRole('navigation', { name: 'Periodo' })).toBeVisible()
  for (const [width, height] of [
    [1440, 900],
    [1920, 1080],
  ] as const) {
    await page.setViewportSize({ width, height })
    const hidden = await page
      .locator('html, .frame > main, .board, .tile, .lines')
      .evaluateAll((all) =>
        all.filter((one) => one.scrollHeight > one.clientHeight + 2).map((one) => one.outerHTML.slice(0, 200)),
      )
    expect(hidden).toEqual([])
  }
  await expectAccessibleInBothThemes(page)

  await switchHub('kill')
  await page.clock.fastForward('01:15')
  await expect(page.getByText(/fermo alle \d\d:\d\d/)).toBeVisible()
  await switchHub('start')
  await page.clock.fastForward('00:30')
  await expect(page.getByText(/fermo alle/)).toHaveCount(0)
})
