import { enter, expect, expectAccessibleInBothThemes, expectRowsToFit, OPERATOR_TOKEN, test } from '../console'
import { SCREENS } from './screens'

const PHONE = { width: 390, height: 844 }

for (const { name, path, signedOut, ready } of SCREENS)
  test(`${name} is accessible in both themes, also on a phone in English`, async ({ page, context }) => {
    if (!signedOut) await enter(context, OPERATOR_TOKEN())
    await page.goto(path)
    await ready(page)
    await expectAccessibleInBothThemes(page)
    await expectRowsToFit(page)

    await page.evaluate(() => localStorage.setItem('hub.language', 'en'))
    await page.setViewportSize(PHONE)
    await page.goto(path)
    await expect(page.locator('html')).toHaveAttribute('lang', 'en')
    await ready(page)
    await expectAccessibleInBothThemes(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)
  })
