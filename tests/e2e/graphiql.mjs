// Drives GraphiQL in a real Chromium, and reports what happened as one line of JSON.
//
//     node tests/e2e/graphiql.mjs LINK CHROMIUM SCREENSHOT [dark]
import { createRequire } from 'node:module'

const { chromium } = createRequire(new URL('../../console/', import.meta.url))('playwright-core')
const [link, executablePath, screenshot, colorScheme = 'light'] = process.argv.slice(2)
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

const browser = await chromium.launch({ executablePath, args: FLAGS })
const seen = { errors: [], hosts: [] }
try {
  const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 800 } })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.errors.push(message.text())
  })
  page.on('pageerror', (error) => seen.errors.push(String(error)))
  page.on('request', (request) => seen.hosts.push(new URL(request.url()).host))
  page.on('websocket', (socket) => seen.hosts.push(new URL(socket.url()).host))

  await page.goto(link)
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
  await page.getByRole('button', { name: 'Esci' }).click()
  seen.afterwards = await page.locator('p').innerText()
} catch (error) {
  seen.failure = String(error)
  await browser.contexts()[0]?.pages()[0]?.screenshot({ path: screenshot })
} finally {
  await browser.close()
}
seen.hosts = [...new Set(seen.hosts)].filter(Boolean)
console.log(JSON.stringify(seen))
