import { expect, expectAccessibleInBothThemes, ONBOARDING, row, shownTree, test } from './console'

const HOURS = 9 * 3600_000

test('a laptop that slept shows that its data is old, and then the tree as it is now', async ({
  inside: page,
  colleague,
}) => {
  let asleep = false
  let away = false
  const ends: (() => Promise<void>)[] = []
  // Nothing passes while it sleeps, and it learns of no end: its socket stays open to nobody.
  await page.routeWebSocket('**/graphql', (socket) => {
    if (away) {
      void socket.close()
      return
    }
    const server = socket.connectToServer()
    ends.push(() => server.close())
    socket.onMessage((message) => {
      if (!asleep) server.send(message)
    })
    server.onMessage((message) => {
      if (!asleep) socket.send(message)
    })
    server.onClose(() => {})
  })
  await page.clock.install()
  await page.goto(`/ticket/${ONBOARDING()}`)
  await expect(page.getByText('In diretta')).toBeVisible()
  await colleague.goto(`/ticket/${ONBOARDING()}`)
  const [first, second] = ['Predisposizione Incarico', 'Invio Incarico']

  asleep = away = true
  for (const end of ends) await end()
  for (const task of [first, second]) {
    await colleague.getByRole('button', { name: `Completa ${task}` }).click()
    await expect(row(colleague, task ?? '')).toContainText('Completato')
  }
  await page.clock.fastForward(HOURS)

  // The ping that is due finds nobody.
  await expect(page.getByText(/Non in diretta, dati delle \d\d:\d\d/)).toBeVisible()
  await expect(row(page, first ?? '')).toContainText('Da fare')
  await expectAccessibleInBothThemes(page)
  asleep = away = false
  await expect(row(page, first ?? '')).toContainText('Completato')
  await expect(row(page, /^Onboarding/)).toContainText('2/4')
  await expect(page.getByText(/Non in diretta, dati delle/)).toHaveCount(0)
  await colleague.reload()
  await expect(row(colleague, /^Onboarding/)).toContainText('2/4')
  expect(await shownTree(page)).toEqual(await shownTree(colleague))
})
