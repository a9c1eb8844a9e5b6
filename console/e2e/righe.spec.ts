import { readFile } from 'node:fs/promises'
import {
  ask,
  enter,
  expect,
  expectAccessibleInBothThemes,
  focusedRow,
  type Page,
  switchHub,
  test,
  VIEWER_TOKEN,
} from './console'

type Edge = { title: string; subtitle: string; weight: string; counts: boolean; at: string; node: { id: string } }

/** All rows behind a number, page by page, as the hub gives them to a program. */
async function population(address: string): Promise<Edge[]> {
  const edges: Edge[] = []
  let after: string | null = null
  do {
    const { kpiPopulation } = await ask(
      `query($address: ID!, $after: String) {
        kpiPopulation(address: $address, first: 20, after: $after) {
          edges { title subtitle weight counts at node {
            ... on Ticket { id } ... on Milestone { id } ... on Task { id } ... on IntakeItem { id }
          } }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      { address, after },
    )
    edges.push(...kpiPopulation.edges)
    after = kpiPopulation.pageInfo.hasNextPage ? kpiPopulation.pageInfo.endCursor : null
  } while (after)
  return edges
}

/** What a spreadsheet reads in a file whose texts hold neither quotes nor line breaks. */
function linesOf(file: string, separator: string): string[][] {
  return file
    .replace('\uFEFF', '')
    .split('\r\n')
    .filter(Boolean)
    .map((line) => line.split(separator))
}

async function download(page: Page, name: string) {
  const arrives = page.waitForEvent('download')
  await page.getByRole('button', { name }).click()
  const file = await arrives
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') }
}

async function openRows(page: Page, figure: string, subject: string) {
  const { kpis } = await ask(
    `query($figure: KpiRequest!) { kpis(lastDays: 30, figures: [$figure]) { figures { measure { address } } } }`,
    { figure: { key: figure, subject } },
  )
  const [{ measure }] = kpis.figures
  await page.goto(`/indicatori/righe?address=${measure.address}&figure=${figure}`)
  await expect(focusedRow(page)).toBeVisible()
  return population(measure.address)
}

test('the rows behind a number are saved as a file: all of them, in their order and in the words of the console', async ({
  inside: page,
}) => {
  const open = await openRows(page, 'OPEN', 'TASKS')
  expect(open.length).toBeGreaterThan(50)

  const italian = await download(page, 'Scarica CSV')
  const [heads, ...lines] = linesOf(italian.text, ';')
  expect(italian.name).toMatch(/^open-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/)
  expect(heads).toEqual(['Elemento', 'Azienda', 'Operatore', 'Contributo (numero)', 'Conta', 'Quando', 'ID'])
  expect(lines.map(([item, company, operator, weight, , , id]) => [item, company, operator, weight, id])).toEqual(
    open.map(({ title, subtitle, weight, node }) => {
      const [company = '', operator = ''] = subtitle.split(' · ')
      return [title, company, operator, weight, node.id]
    }),
  )
  for (const [at, { at: then }] of open.entries()) {
    expect(lines[at]?.[5]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+]0[12]:00$/)
    expect(Date.parse(lines[at]?.[5] ?? '')).toBe(Math.floor(Date.parse(then) / 1000) * 1000)
  }

  await page.addInitScript(() => localStorage.setItem('hub.language', 'en'))
  const onTime = await openRows(page, 'ON_TIME', 'MILESTONES')
  const english = await download(page, 'Download CSV')
  const [words, ...rows] = linesOf(english.text, ',')
  expect(words?.slice(3, 6)).toEqual(['Contribution (share)', 'Counts', 'When'])
  expect(rows.map((row) => [row[0], row[4], row[6]])).toEqual(
    onTime.map(({ title, counts, node }) => [title, counts ? 'yes' : 'no', node.id]),
  )
})

test('a viewer saves rows by keys, and learns why a file did not come', async ({ page, context, watch }) => {
  watch.expectComplaint(/Failed to load|ERR_|WebSocket/)
  await enter(context, VIEWER_TOKEN())
  const rows = await openRows(page, 'OPEN', 'MILESTONES')
  const button = page.getByRole('button', { name: 'Scarica CSV' })
  await button.focus()
  const arrives = page.waitForEvent('download')
  await page.keyboard.press('Enter')
  expect(linesOf(await readFile(await (await arrives).path(), 'utf8'), ';')).toHaveLength(rows.length + 1)
  await expect(button).toBeFocused()

  await page.route('**/exports/**', (route) =>
    route.fulfill({ status: 422, json: { code: 'RESULT_TOO_LARGE' }, contentType: 'application/problem+json' }),
  )
  await page.keyboard.press('Enter')
  await expect(page.getByText('Troppe righe per un file')).toBeVisible()
  await expectAccessibleInBothThemes(page)
  await page.unroute('**/exports/**')
  await switchHub('kill')
  await page.keyboard.press('Enter')
  await expect(page.getByText('L’hub non risponde: il file non è arrivato.')).toBeVisible()
  await switchHub('start')
  const again = page.waitForEvent('download')
  await page.keyboard.press('Enter')
  await again
  await expect(page.getByText('il file non è arrivato')).toHaveCount(0)
})
