import { expect, FRESH, focusedRow, ONBOARDING, row, test } from './console'

test('in English a task is completed, and 🟡 is previewed and run', async ({ inside: page }) => {
  await page.addInitScript(() => localStorage.setItem('hub.language', 'en'))
  await page.goto(`/ticket/${ONBOARDING()}`)
  await page.getByRole('button', { name: 'Complete Firma Incarico' }).click()
  await expect(row(page, 'Firma Incarico')).toContainText('Done')
  await expect(page.getByText('Done: Firma Incarico')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(row(page, 'Firma Incarico')).toContainText('To do')

  await page.goto(`/ticket/${FRESH(0)}`)
  await expect(focusedRow(page)).toBeVisible()
  await page.keyboard.press('1')
  const panel = page.getByRole('complementary', { name: 'Genera Opportunità' })
  await expect(panel).toContainText('4 to create')
  await panel.getByRole('button', { name: 'Run' }).click()
  await expect(panel).toContainText('Completed')
  await expect(panel).toContainText('4 created')
  await panel.getByRole('button', { name: 'Close Esc' }).click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
})
