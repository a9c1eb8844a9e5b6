import { expect, expectAccessibleInBothThemes, test } from '../console'

const IMPORT = 'mutation { importActivity(crmActivityId: "845155") { ticket { code } problems { code } } }'

test('the bar makes a sale appear and lets the CRM fail and work again', async ({ inside: page }) => {
  await page.goto('/ticket')
  const sold = page.getByRole('row').filter({ hasText: 'Tessitura' })
  await expect(page.getByRole('row').nth(2)).toBeVisible()
  const before = await sold.count()
  const bar = page.getByRole('complementary', { name: 'Demo' })

  await bar.getByRole('button', { name: 'Registra una vendita nel CRM' }).click()
  await expect(bar.getByRole('status')).toContainText('Venduto lo Start Office Digital alla tessitura')
  await expect(async () => {
    await page.reload()
    await expect(sold).toHaveCount(before + 1, { timeout: 2_000 })
  }).toPass({ timeout: 45_000 })

  await bar.getByRole('button', { name: 'Guasta il CRM' }).click()
  await expect(bar.getByRole('status')).toContainText('rifiuta ogni chiamata')
  expect(await codesOf(page)).toEqual(['CRM_UNAVAILABLE'])
  await page.reload()
  await expectAccessibleInBothThemes(page)

  await bar.getByRole('button', { name: 'Ripara il CRM' }).click()
  await expect(bar.getByRole('status')).toContainText('risponde di nuovo')
  await expect.poll(() => codesOf(page), { timeout: 45_000 }).toEqual([])
})

/** The problems of an import that the page sends. */
async function codesOf(page: import('@playwright/test').Page): Promise<string[]> {
  const answer = await page.evaluate(async (query) => {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    return response.json()
  }, IMPORT)
  return answer.data.importActivity.problems.map(({ code }: { code: string }) => code)
}
