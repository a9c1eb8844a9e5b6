import { enter, OPERATOR_TOKEN, test } from '../console'
import { SCREENS } from './screens'

const FOLDER = process.env.SCREENSHOTS ?? 'test-results/screenshots'
const DESK = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }

for (const shot of SCREENS)
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
          await page.waitForLoadState('networkidle')
          await page.evaluate(() => document.fonts.ready)
          await page.screenshot({ path: `${FOLDER}/${shot.name}-${language}-${theme}-${width}.png` })
        })
