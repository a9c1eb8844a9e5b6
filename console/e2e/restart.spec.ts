import {
  expect,
  expectAccessibleInBothThemes,
  FRESH,
  focusedRow,
  ONBOARDING,
  ordersInCrm,
  type Page,
  row,
  shownTree,
  switchCrm,
  switchHub,
  test,
} from './console'

const panel = (page: Page) => page.getByRole('complementary', { name: 'Genera Opportunità' })
const stale = (page: Page) => page.getByText(/Non in diretta, dati delle \d\d:\d\d/)
const AWAY = /WebSocket|Failed to load|ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE/

/** What the page says and hears over its sockets to follow a tree. */
function listenIn(page: Page) {
  type Heard = { asked: string | undefined } | { state: string; seq: number; cursor: string }
  const heard: Heard[] = []
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const said = JSON.parse(String(payload))
      if (said.type === 'subscribe' && said.payload.query.includes('ticketEvents'))
        heard.push({ asked: said.payload.variables.after })
    })
    socket.on('framereceived', ({ payload }) => {
      const item = JSON.parse(String(payload)).payload?.data?.ticketEvents
      if (item) heard.push({ state: item.state, seq: item.seq, cursor: item.cursor })
    })
  })
  return heard
}

test('the hub is killed in the middle of an action: the page says so, and the action ends without a double', async ({
  inside: page,
  watch,
}) => {
  watch.expectComplaint(AWAY)
  await page.goto(`/ticket/${FRESH(0)}`)
  await expect(focusedRow(page)).toBeVisible()
  await page.keyboard.press('1')
  await expect(panel(page)).toContainText('4 da creare')
  await switchCrm({ latency_seconds: 1.5 })
  await page.keyboard.press('Control+Enter')
  await expect(panel(page)).toContainText(/[123] di 4/)

  await switchHub('kill')
  await switchCrm({ latency_seconds: 0 })

  await expect(stale(page)).toBeVisible()
  await expect(panel(page)).toContainText('In esecuzione')
  await expectAccessibleInBothThemes(page)
  expect((await ordersInCrm(FRESH(0))).length).toBeGreaterThan(0)
  await switchHub('start')
  await expect(panel(page)).toContainText('Completata')
  await expect(stale(page)).toHaveCount(0)
  await expect(page.locator('.tree-head')).toContainText('Opportunità 4')
  const orders = await ordersInCrm(FRESH(0))
  expect(orders).toHaveLength(4)
  expect(new Set(orders).size).toBe(4)

  await expect(page.locator('.tree-buttons')).not.toContainText('di 4')
  const shown = await shownTree(page)
  await page.reload()
  await expect(page.locator('.tree-head')).toContainText('Opportunità 4')
  expect(await shownTree(page)).toEqual(shown)
})

test('the hub is killed under a subscription: what was missed comes from where the page was, and nothing twice', async ({
  inside: page,
  context,
  colleague,
  watch,
}) => {
  watch.expectComplaint(AWAY)
  const heard = listenIn(page)
  await page.goto(`/ticket/${ONBOARDING()}`)
  await colleague.goto(`/ticket/${ONBOARDING()}`)
  await colleague.getByRole('button', { name: 'Completa Predisposizione Incarico' }).click()
  await expect(row(page, 'Predisposizione Incarico')).toContainText('Completato')

  await switchHub('kill')
  await expect(stale(page)).toBeVisible()
  await context.setOffline(true)
  await switchHub('start')
  await expect(stale(colleague)).toHaveCount(0)
  await colleague.getByRole('button', { name: 'Completa Invio Incarico' }).click()
  await expect(row(colleague, /^Onboarding/)).toContainText('2/4')
  await expect(row(page, 'Invio Incarico')).toContainText('Da fare')
  const before = heard.length
  await context.setOffline(false)

  await expect(row(page, 'Invio Incarico')).toContainText('Completato')
  await expect(row(page, /^Onboarding/)).toContainText('2/4')
  await expect(stale(page)).toHaveCount(0)
  const [, last] = [...heard.slice(0, before)].reverse().flatMap((one) => ('seq' in one ? [one.state, one] : []))
  const [asked, first] = heard.slice(before)
  expect(asked).toEqual({ asked: (last as { cursor: string }).cursor })
  expect(first).toMatchObject({ state: 'CHANGE' })
  const seqs = heard.flatMap((one) => ('seq' in one && one.state === 'CHANGE' ? [one.seq] : []))
  expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other))
  await colleague.reload()
  await expect(row(colleague, /^Onboarding/)).toContainText('2/4')
  expect(await shownTree(page)).toEqual(await shownTree(colleague))
})
