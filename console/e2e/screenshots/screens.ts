import { expect, focusedRow, type Page } from '../console'

export type Screen = { name: string; path: string; ready: (page: Page) => Promise<void>; signedOut?: boolean }

const aRow = async (page: Page) => expect(focusedRow(page)).toBeVisible()

/** Every screen of the console over the demo's sample work, and how one knows that it is all there. */
export const SCREENS: Screen[] = [
  {
    name: 'accesso',
    path: '/accedi',
    signedOut: true,
    ready: async (page) => expect(page.getByLabel('Token')).toBeFocused(),
  },
  {
    name: 'da-fare',
    path: '/da-fare',
    ready: async (page) => expect(page.getByRole('row').nth(3)).toBeVisible(),
  },
  {
    name: 'da-fare-errori',
    path: '/da-fare?view=errors',
    ready: async (page) => expect(page.getByRole('row').filter({ hasText: 'Pastificio' })).toBeVisible(),
  },
  { name: 'ticket-list', path: '/ticket', ready: async (page) => expect(page.getByRole('row').nth(3)).toBeVisible() },
  {
    name: 'selezione',
    path: '/ticket',
    ready: async (page) => {
      await expect(page.getByRole('row').nth(3)).toBeVisible()
      for (const key of ['ArrowDown', 'Space', 'ArrowDown', 'Space']) await page.keyboard.press(key)
    },
  },
  { name: 'ticket-tree', path: '/ticket/TCK-SOD-2230-00', ready: aRow },
  {
    name: 'scadenza',
    path: '/ticket/TCK-SOD-2230-00',
    ready: async (page) => {
      await aRow(page)
      for (let step = 0; step < 6; step++) await page.keyboard.press('ArrowDown')
      await page.keyboard.press('d')
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
  {
    name: 'action-panel',
    path: '/ticket/TCK-SOT-2604-00',
    ready: async (page) => {
      await aRow(page)
      await page.keyboard.press('2')
      await expect(page.getByRole('complementary', { name: 'Sincronizza Opportunità' })).toBeVisible()
    },
  },
  {
    name: 'action-failed',
    path: '/ticket/TCK-SOD-2911-00',
    ready: aRow,
  },
  ...['', '?wall=1'].map((search) => ({
    name: search ? 'indicatori-parete' : 'indicatori',
    path: `/indicatori${search}`,
    ready: async (page: Page) => expect(page.locator('.card').nth(11)).toBeVisible(),
  })),
  {
    name: 'righe',
    path: '/indicatori',
    ready: async (page) => {
      await page.locator('.card').first().getByRole('link').first().click()
      await aRow(page)
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
