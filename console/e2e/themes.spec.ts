import { readFileSync } from 'node:fs'
import { ask, expect, expectAccessibleInBothThemes, FRESH, ONBOARDING, TREE, test } from './console'

/** Each address of the console, and what is there once its screen is drawn. */
async function screens(): Promise<[address: string, drawn: string][]> {
  const { actions, kpis, ticket } = await ask(
    `query($code: String!) {
      actions(first: 1) { nodes { id } }
      kpis(lastDays: 30, figures: [{ key: FINISHED, subject: TASKS }]) { figures { measure { address } } }
      ticket(code: $code) { milestones { id tasks { id } } }
    }`,
    { code: ONBOARDING() },
  )
  const [milestone] = ticket.milestones
  const rows = encodeURIComponent(kpis.figures[0].measure.address)
  return [
    ['/', '.todo-pane h2'],
    ['/da-fare?view=team', '.todo-pane .notes'],
    ['/da-fare?view=late', 'main .notice, main [role=row]'],
    ['/da-fare?view=inbox', '.todo-pane h3'],
    ['/da-fare?view=errors', 'main .notice, main [role=row]'],
    ['/ticket?kind=ALL', '[role=row]:focus'],
    [`/ticket/${TREE()}?tab=history`, '.panel .timeline li'],
    [`/ticket/${ONBOARDING()}?row=${milestone.tasks[0].id}&tab=work`, '.panel .notes'],
    [`/ticket/${ONBOARDING()}?row=${milestone.id}&tab=comments`, '.panel .why li'],
    [`/ticket/${FRESH(0)}?action=generate`, '.action-items li'],
    [`/azioni/${actions.nodes[0].id}`, '.action-items li'],
    ['/indicatori', '.card'],
    ['/indicatori?wall=1', '.card'],
    [`/indicatori/righe?address=${rows}&figure=FINISHED`, '[role=row]:focus'],
    ['/accedi', 'input'],
    ['/nowhere', 'h1'],
  ]
}

test('no screen of the console has a fault of accessibility, in either theme', async ({ inside: page }) => {
  test.slow()
  const visited = await screens()
  const paths = visited.map(([address]) => address.replace(/\?.*/, ''))
  for (const [, path = ''] of readFileSync('src/app/router.tsx', 'utf8').matchAll(/path: '(.+)'/g)) {
    const screen = new RegExp(`^${path.replace(/\$\w+/, '[^/]+')}$`)
    expect(paths).toContainEqual(expect.stringMatching(screen))
  }

  for (const [address, drawn] of visited)
    await test.step(address, async () => {
      await page.goto(address)
      await expect(page.locator(drawn).first()).toBeVisible()
      await page.waitForLoadState('networkidle')
      await expectAccessibleInBothThemes(page)
    })
})
