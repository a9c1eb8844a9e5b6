import { expect, expectAccessibleInBothThemes, test } from './console'

test('the browser complains where a page would run what is not ours, and the tests hear of it', async ({
  inside: page,
  watch,
}) => {
  watch.expectComplaint(/Content Security Policy|^Policy: |said aloud|thrown/)
  await page.goto('/ticket')
  await expect(page.getByRole('grid')).toBeVisible()

  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'window.foreign = true'
    document.body.append(script)
    document.body.append(Object.assign(document.createElement('style'), { textContent: 'main { display: none }' }))
    console.error('said aloud')
    setTimeout(() => {
      throw new Error('thrown')
    })
  })

  for (const complaint of [/^Policy: script-src/, /^Policy: style-src/, /^said aloud/, /thrown/])
    await expect.poll(watch.complaints).toContainEqual(expect.stringMatching(complaint))
  expect(await page.evaluate(() => 'foreign' in window)).toBe(false)
})

test('a fault of accessibility is found, also in the colours of the dark theme alone', async ({ inside: page }) => {
  await page.goto('/ticket')
  await expect(page.getByRole('grid')).toBeVisible()
  await expectAccessibleInBothThemes(page)

  await page.evaluate(() => {
    const black = Object.assign(document.createElement('p'), { id: 'black', textContent: 'Black on the background' })
    black.style.color = '#000'
    document.querySelector('main')?.append(black)
  })
  await expect(expectAccessibleInBothThemes(page)).rejects.toThrow(/in the dark theme[\s\S]*color-contrast/)
  await page.evaluate(() => document.querySelector('#black')?.replaceWith(document.createElement('button')))
  await expect(expectAccessibleInBothThemes(page)).rejects.toThrow(/in the light theme[\s\S]*button-name/)
})
