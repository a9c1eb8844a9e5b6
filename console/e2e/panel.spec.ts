import {
  ask,
  enter,
  expect,
  expectAccessibleInBothThemes,
  FRESH,
  focusedRow,
  ONBOARDING,
  operationOf,
  type Page,
  row,
  TREE,
  test,
  VIEWER_TOKEN,
} from './console'

const panel = (page: Page) => page.getByRole('complementary', { name: 'Dettagli' })
const tab = (page: Page, name: string) => panel(page).getByRole('tab', { name })
const field = (page: Page) => panel(page).getByLabel('Scrivi un commento')

async function openAt(page: Page, title: string, more = '', ticket = ONBOARDING()) {
  await page.goto(`/ticket/${ticket}?${more}`)
  await expect(focusedRow(page)).toBeVisible()
  await row(page, title).first().click()
  await expect(panel(page).getByRole('heading', { name: title })).toBeVisible()
}

/** A task that only one test knows, so that no test meets what another has done. */
async function addTask(title: string, checklist: string[] = []): Promise<string> {
  const { ticket } = await ask('query($code: String!) { ticket(code: $code) { milestones { id } } }', {
    code: ONBOARDING(),
  })
  const { addTask } = await ask(
    `mutation($milestone: ID!, $input: NewTaskInput!) {
      addTask(milestoneId: $milestone, input: $input) { task { id } }
    }`,
    { milestone: ticket.milestones[0].id, input: { title, checklist } },
  )
  return addTask.task.id
}

test('why a ticket is open: each task with who does it, one step away', async ({ inside: page }) => {
  await page.goto(`/ticket/${FRESH(3)}`)
  await page.getByRole('button', { name: 'Note e commenti' }).click()

  const why = panel(page).locator('.why')
  await expect(why).toContainText('Milestone aperte: 1 su 1. Task obbligatori: 4.')
  await expect(why).toContainText('È così dal')
  await expectAccessibleInBothThemes(page)
  await why.getByRole('button', { name: /Invio Incarico/ }).click()
  await expect(panel(page).getByRole('heading', { name: 'Invio Incarico' })).toBeVisible()
})

test('why a ticket is closed: down to who did it', async ({ inside: page }) => {
  await page.goto(`/ticket/${TREE()}`)
  await page.getByRole('button', { name: 'Note e commenti' }).click()

  await expect(panel(page).getByRole('heading', { name: 'Perché è chiuso?' })).toBeVisible()
  await expect(panel(page).locator('.why')).toContainText('Giulia Moretti ha completato')
})

test('a comment is written by keys, mentions a person by name, and is there in the other window', async ({
  inside: page,
  context,
}) => {
  await addTask('Da commentare')
  const other = await context.newPage()
  await openAt(other, 'Da commentare', 'tab=comments')
  await expect(panel(other)).toContainText('Nessun commento.')
  await openAt(page, 'Da commentare')

  await page.keyboard.press('c')
  await expect(field(page)).toBeFocused()
  await page.keyboard.type('Lo chiama @giul')
  await expect(panel(page).getByRole('option', { name: 'Giulia Moretti' })).toBeVisible()
  await page.keyboard.press('Enter')
  await page.keyboard.type('domani')
  await page.keyboard.press('Enter')

  for (const window of [page, other]) {
    await expect(panel(window).locator('.said')).toHaveText('Lo chiama @Giulia Moretti domani')
    await expect(panel(window).locator('.mention')).toHaveText('@Giulia Moretti')
  }
  await expect(tab(page, 'Commenti')).toContainText('1')
  await expect(page).toHaveURL(/tab=comments/)
  await expectAccessibleInBothThemes(page)
  await field(page).press('Escape')
  await expect(focusedRow(page)).toContainText('Da commentare')

  // One's own is reworded, and removed after a question.
  await panel(page).getByRole('button', { name: 'Modifica' }).click()
  await panel(page).getByLabel('Commento', { exact: true }).fill('Lo chiama @Giulia Moretti oggi')
  await page.keyboard.press('Enter')
  await expect(panel(other).locator('.said')).toHaveText('Lo chiama @Giulia Moretti oggi')
  await expect(panel(page)).toContainText('modificato')
  await panel(page).getByRole('button', { name: 'Togli' }).click()
  await panel(page).getByRole('button', { name: 'Togli' }).click()
  await expect(panel(other)).toContainText('Il commento è stato tolto.')
})

test('a comment that does not arrive stays in its field and is sent once', async ({ inside: page, watch }) => {
  watch.expectComplaint(/Failed to load|ERR_FAILED/)
  await addTask('Da commentare una volta')
  await openAt(page, 'Da commentare una volta')
  await page.route('**/graphql', (route) =>
    operationOf(route.request()) === 'AddComment' ? route.abort() : route.continue(),
  )
  await page.keyboard.press('c')
  await expect(field(page)).toBeFocused()
  await page.keyboard.type('Spedito')
  await page.keyboard.press('Enter')
  await expect(panel(page).getByRole('alert')).toContainText('Non salvato')
  await expect(field(page)).toHaveValue('Spedito')

  await page.unroute('**/graphql')
  await field(page).press('Enter')

  await expect(panel(page).locator('.said')).toHaveText('Spedito')
  await expect(field(page)).toHaveValue('')
})

test('a draft of the notes stays in its field beside what a colleague wrote', async ({ inside: page }) => {
  const id = await addTask('Da annotare')
  await openAt(page, 'Da annotare')
  await panel(page).getByRole('button', { name: 'Scrivi una nota' }).click()
  await expect(panel(page).getByLabel('Note', { exact: true })).toBeFocused()
  await page.keyboard.type('La mia nota')
  await ask(
    'mutation($id: ID!) { updateTask(taskId: $id, input: { notes: "Nota del collega" }) { problems { code } } }',
    { id },
  )

  await page.keyboard.press('Control+Enter')

  await expect(panel(page).getByRole('alert')).toContainText('Nota del collega')
  await expect(panel(page).getByLabel('Note', { exact: true })).toHaveValue('La mia nota')
  await expectAccessibleInBothThemes(page)
  await panel(page).getByRole('button', { name: 'Salva la mia' }).click()
  await expect(panel(page).locator('.notes')).toContainText('La mia nota')
  await expect(panel(page).getByRole('button', { name: 'Modifica le note' })).toBeFocused()
  // It shows at once, and is sent meanwhile.
  const notesThere = async () =>
    (await ask('query($id: ID!) { node(id: $id) { ... on Task { notes } } }', { id })).node.notes
  await expect.poll(notesThere).toBe('La mia nota')
})

test('documents are addresses of the web alone, and one that is removed comes back', async ({ inside: page }) => {
  await addTask('Da documentare')
  await openAt(page, 'Da documentare', 'tab=work')
  await panel(page).getByRole('button', { name: 'Aggiungi un documento' }).click()
  await expect(panel(page).getByLabel('Indirizzo')).toBeFocused()
  await page.keyboard.type('javascript:alert(1)')
  await page.keyboard.press('Enter')
  await expect(panel(page).getByRole('alert')).toContainText('http:// o https://')

  await panel(page).getByLabel('Indirizzo').fill('https://documenti.example/incarico')
  await panel(page).getByLabel('Titolo').fill('Incarico firmato')
  await panel(page).getByLabel('Che cos’è').selectOption('SIGNED_ENGAGEMENT')
  await panel(page).getByRole('button', { name: 'Aggiungi', exact: true }).click()
  const link = panel(page).getByRole('link', { name: 'Incarico firmato' })
  await expect(link).toHaveAttribute('href', 'https://documenti.example/incarico')
  await expect(link).toHaveAttribute('rel', /noopener/)
  await expectAccessibleInBothThemes(page)

  await panel(page).getByRole('button', { name: 'Togli Incarico firmato' }).click()
  await expect(link).toHaveCount(0)
  await page.keyboard.press('Control+z')
  await expect(link).toBeVisible()
})

test('work is added by keys, and a checklist is ticked at once in both windows', async ({ inside: page, context }) => {
  await addTask('Prima di un altro')
  await openAt(page, 'Prima di un altro')
  await page.keyboard.press('t')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Dopo Prima di un altro')
  await expect(dialog.getByLabel('Titolo')).toBeFocused()
  await expectAccessibleInBothThemes(page)
  await page.keyboard.type('Chiamare il cliente')
  await page.keyboard.press('Enter')
  await expect(row(page, 'Chiamare il cliente')).toBeVisible()
  await expect(panel(page).getByRole('heading', { name: 'Chiamare il cliente' })).toBeVisible()
  await expect(focusedRow(page)).toContainText('Chiamare il cliente')

  await addTask('Con lista', ['Uno', 'Due'])
  const other = await context.newPage()
  for (const window of [page, other]) await openAt(window, 'Con lista')
  await panel(page).getByRole('checkbox', { name: 'Due' }).check()
  await expect(panel(other).getByRole('checkbox', { name: 'Due' })).toBeChecked()
  await expect(panel(other).getByRole('checkbox', { name: 'Uno' })).not.toBeChecked()

  await row(page, /^Onboarding/).click()
  await expect(focusedRow(page)).toContainText('Onboarding')
  await page.keyboard.press('m')
  await expect(dialog.getByLabel('Titolo')).toBeFocused()
  await page.keyboard.type('Collaudo')
  await dialog.getByLabel('I suoi task, uno per riga').fill('Prova\nFirma del collaudo')
  await dialog.getByRole('button', { name: /^Aggiungi/ }).click()
  await expect(row(page, 'Firma del collaudo')).toBeVisible()
})

test('what is typed while a dialog is still on its way is no command', async ({ inside: page }) => {
  await addTask('Da assegnare con calma')
  let arrive = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  await page.route('**/AssignDialog-*.js', async (route) => {
    await arrived
    await route.continue()
  })
  await openAt(page, 'Da assegnare con calma')

  await page.keyboard.press('a')
  await page.keyboard.press('x')
  arrive()

  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(focusedRow(page)).toContainText('Da assegnare con calma')
  await expect(focusedRow(page)).toContainText('Da fare')
})

test('owner and priority are changed in the header, and undone', async ({ inside: page }) => {
  await page.goto(`/ticket/${ONBOARDING()}`)
  const head = page.locator('.tree-head')
  await head.getByLabel('Priorità').selectOption('CRITICAL')
  await expect(page.getByText(/Priorità critica/)).toBeVisible()
  await page.getByRole('button', { name: 'Annulla' }).click()
  await expect(head.getByLabel('Priorità')).toHaveValue('MEDIUM')

  await head.getByRole('button', { name: /^Responsabile: / }).click()
  await expect(page.getByRole('dialog')).toContainText(`Responsabile di ${ONBOARDING()}`)
  await page.keyboard.press('Escape')
  await expect(head.getByRole('button', { name: /^Responsabile: / })).toBeFocused()
})

test('a new date shows first what moves along; what changed meanwhile is shown again', async ({ inside: page }) => {
  await openAt(page, 'Predisposizione Incarico', '', FRESH(3))
  await page.keyboard.press('d')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('spinbutton').nth(2).press('ArrowUp')
  await expect(dialog).toContainText(/Si spostano anche altre \d+ voci:/)
  await expect(dialog).toContainText('Si sposta anche la scadenza del ticket.')
  await expectAccessibleInBothThemes(page)

  // A preview that the hub does not take any more is made again.
  let stale = true
  await page.route('**/graphql', async (route) => {
    if (!stale || operationOf(route.request()) !== 'RescheduleTask') return route.continue()
    stale = false
    const sent = route.request().postDataJSON()
    return route.continue({ postData: { ...sent, variables: { ...sent.variables, token: 'old' } } })
  })
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText(/ecco che cosa si sposterebbe ora|non va bene/)
  await dialog.getByRole('button', { name: /Sposta/ }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByText('Scadenza spostata: Predisposizione Incarico')).toBeVisible()
  await expect(focusedRow(page)).toContainText('Predisposizione Incarico')

  await page.keyboard.press('Control+z')
  await expect(dialog).toContainText(/Si spostano anche altre \d+ voci:/)
  await page.keyboard.press('Enter')
  await expect(page.getByText('Scadenza spostata: Predisposizione Incarico')).toBeVisible()
})

test('a viewer sees comments and notes, and no field', async ({ page, context }) => {
  await enter(context, VIEWER_TOKEN())
  await openAt(page, 'Firma Incarico', 'tab=work')

  await expect(panel(page)).toContainText('Note')
  await expect(panel(page).getByRole('textbox')).toHaveCount(0)
  await expect(panel(page).getByRole('button', { name: /Scrivi|Aggiungi|Togli/ })).toHaveCount(0)
  await page.keyboard.press('c')
  await expect(panel(page).getByRole('textbox')).toHaveCount(0)
})
