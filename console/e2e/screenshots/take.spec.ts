import { enter, expect, focusedRow, OPERATOR_TOKEN, type Page, test } from '../console'

const FOLDER = process.env.SCREENSHOTS ?? 'test-results/screenshots'
const DESK = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }

type Shot = { name: string; path: string; ready: (page: Page) => Promise<void>; signedOut?: boolean }

const aRow = async (page: Page) => expect(focusedRow(page)).toBeVisible()

const SHOTS: Shot[] = [
  {
    name: 'accesso',
    path: '/accedi',
    signedOut: true,
    ready: async (page) => expect(page.getByLabel('Token')).toBeFocused(),
  },
  {
    name: 'da-fare',
    path: '/da-fare',
    ready: async (page) => {
      await expect(page.getByRole('row').nth(3)).toBeVisible()
      await page.waitForLoadState('networkidle')
    },
  },
  {
    name: 'da-fare-errori',
    path: '/da-fare?view=errors',
    ready: async (page) => {
      await expect(page.getByRole('row').filter({ hasText: 'Pastificio' })).toBeVisible()
      await page.waitForLoadState('networkidle')
    },
  },
  { name: 'ticket-list', path: '/ticket', ready: async (page) => expect(page.getByRole('row').nth(3)).toBeVisible() },
  { name: 'ticket-tree', path: '/ticket/TCK-SOD-2230-00', ready: aRow },
  {
    name: 'action-panel',
    path: '/ticket/TCK-SOT-2604-00',
    ready: async (page) => {
      await aRow(page)
      await page.keyboard.press('2')
      await expect(page.getByRole('complementary', { name: 'Sincronizza Opportunità' })).toBeVisible()
      await page.waitForLoadState('networkidle')
    },
  },
  {
    name: 'action-failed',
    path: '/ticket/TCK-SOD-2911-00',
    ready: async (page) => {
      await aRow(page)
      await page.waitForLoadState('networkidle')
    },
  },
  {
    name: 'comandi',
    path: '/ticket',
    ready: async (page) => {
      await expect(page.getByRole('row').nth(3)).toBeVisible()
      await page.keyboard.press('Control+k')
      await expect(page.getByRole('combobox')).toBeFocused()
    },
  },
  {
    name: 'tasti',
    path: '/ticket',
    ready: async (page) => {
      await expect(page.getByRole('row').nth(3)).toBeVisible()
      await page.keyboard.press('?')
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
]

for (const shot of SHOTS)
  for (const language of ['it', 'en'])
    for (const theme of ['light', 'dark'])
      for (const [width, viewport] of Object.entries({ desk: DESK, phone: PHONE }))
        test(`${shot.name} ${language} ${theme} ${width}`, async ({ page, context }) => {
          await context.addInitScript(
            ([chosen, shade]) => {
              localStorage.setItem('hub.language', chosen as string)
              localStorage.setItem('hub.theme', shade as string)
            },
            [language, theme],
          )
          if (!shot.signedOut) await enter(context, OPERATOR_TOKEN())
          await page.setViewportSize(viewport)
          await page.goto(shot.path)
          await shot.ready(page)
          await page.evaluate(() => document.fonts.ready)
          await page.screenshot({ path: `${FOLDER}/${shot.name}-${language}-${theme}-${width}.png` })
        })
