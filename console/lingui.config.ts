import { defineConfig } from '@lingui/cli'
import { formatter } from '@lingui/format-po'

// Messages are written in Italian, in the code; English is a translation. `compile --strict` fails where one is missing.
export default defineConfig({
  sourceLocale: 'it',
  locales: ['it', 'en'],
  catalogs: [{ path: '<rootDir>/src/words/locales/{locale}', include: ['<rootDir>/src'] }],
  format: formatter({ lineNumbers: false, origins: false }),
})
