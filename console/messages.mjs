// Fails when a message of the code is not in the committed catalogs: such a message would show as an id.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'

const CATALOGS = ['it', 'en'].map((locale) => `src/words/locales/${locale}.po`)

const times = CATALOGS.map((path) => statSync(path))
const committed = CATALOGS.map((path) => readFileSync(path, 'utf8'))
execFileSync('node_modules/.bin/lingui', ['extract', '--clean'], { stdio: ['ignore', 'ignore', 'inherit'] })
const extracted = CATALOGS.map((path) => readFileSync(path, 'utf8'))
for (const [at, path] of CATALOGS.entries()) {
  writeFileSync(path, committed[at])
  // A check changes nothing: the build would think that it is stale.
  utimesSync(path, times[at].atime, times[at].mtime)
}

const withoutDate = (text) => text.replace(/^"POT?-?\w*Creation-Date.*$/gm, '')
const stale = CATALOGS.filter((_, at) => withoutDate(committed[at]) !== withoutDate(extracted[at]))
if (stale.length) {
  console.error(`${stale.join(' and ')} differ from the messages of the code: npm run messages, then translate.`)
  process.exit(1)
}
