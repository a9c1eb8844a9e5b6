// Drives GraphiQL in a real Chromium, and reports what happened as one line of JSON.
//
//     node tests/e2e/graphiql.mjs LINK CHROMIUM SCREENSHOT [dark]
import { createRequire } from 'node:module'

const { chromium } = createRequire(new URL('../../console/', import.meta.url))('@playwright/test')
const [link, executablePath, screenshot, colorScheme = 'light'] = process.argv.slice(2)
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

const IMPORT = 'mutation { importActivity(crmActivityId: "845155") { ticket { id } } }'

/** Start a subscription, then run a query in another tab; return the query's answer. */
async function runBesideSubscription(page) {
  const ticketId = await page.evaluate(async (query) => {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) })
    return (await answer.json()).data.importActivity.ticket.id
  }, IMPORT)
  const result = page.locator('.result-window .view-lines')
  await page.getByRole('button', { name: /^Avanzamento dal vivo/ }).click()
  await page.locator('.graphiql-editor-tool .view-lines').first().click()
  await page.keyboard.press('Control+A')
  // The editor closes the quotes and the bracket itself.
  await page.keyboard.insertText(`{"ticketId": "${ticketId}`)
  await page.getByRole('button', { name: /^Execute query/ }).click()
  await result.getByText('"SNAPSHOT"').waitFor()
  await page.getByRole('button', { name: /^Chi sono/ }).click()
  await page.getByRole('button', { name: /^Execute query/ }).click()
  await result.getByText('"viewer"').waitFor()
  return JSON.parse((await result.innerText()).replaceAll('\u00a0', ' '))
}

const browser = await chromium.launch({ executablePath, args: FLAGS })
const seen = { errors: [], hosts: [] }
try {
  const page = await browser.newPage({ colorScheme, locale: 'it-IT', viewport: { width: 1280, height: 800 } })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.errors.push(message.text())
  })
  page.on('pageerror', (error) => seen.errors.push(String(error)))
  page.on('request', (request) => seen.hosts.push(new URL(request.url()).host))
  page.on('websocket', (socket) => seen.hosts.push(new URL(socket.url()).host))

  await page.goto(link)
  await page.getByRole('button', { name: 'Entra' }).click()
  await page.waitForURL('**/da-fare')
  await page.getByRole('link', { name: 'GraphiQL' }).click()
  await page.waitForURL('**/graphiql')
  await page.getByRole('button', { name: /^Chi sono/ }).click()
  await page.getByRole('button', { name: /^Execute query/ }).click()
  await page.locator('.result-window .view-lines').getByText('"data"').waitFor()
  seen.viewer = await page.locator('.viewer').innerText()
  seen.title = await page.title()
  const result = await page.locator('.result-window .view-lines').innerText()
  seen.result = JSON.parse(result.replaceAll('\u00a0', ' '))
  seen.cookies = await page.evaluate('document.cookie')
  seen.operations = await page.locator('.story li').count()
  await page.screenshot({ path: screenshot })
  seen.afterSubscription = await runBesideSubscription(page)
  await page.getByRole('button', { name: 'Esci' }).click()
  seen.afterwards = await page.getByRole('status').innerText()
} catch (error) {
  seen.failure = String(error)
  await browser.contexts()[0]?.pages()[0]?.screenshot({ path: screenshot })
} finally {
  await browser.close()
}
seen.hosts = [...new Set(seen.hosts)].filter(Boolean)
console.log(JSON.stringify(seen))
