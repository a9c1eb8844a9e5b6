// Fails when a page of the console loads more than it may: its entry, one screen and one language, as gzip sends them.
import { readdirSync, readFileSync, statSync } from 'node:fs'

const KIB = 1024
const BUDGETS = { scripts: 215 * KIB, styles: 12 * KIB, fonts: 50 * KIB }

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'))
const size = (file) => statSync(`dist/${file}.gz`).size

function withImports(key, seen = new Set()) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const imported of manifest[key].imports ?? []) withImports(imported, seen)
  return seen
}

function weigh(screen) {
  const parts = ['index.html', screen, 'src/words/locales/it.ts'].reduce(
    (seen, key) => withImports(key, seen),
    new Set(),
  )
  const scripts = [...parts].reduce((sum, key) => sum + size(manifest[key].file), 0)
  const styles = [...parts].flatMap((key) => manifest[key].css ?? []).reduce((sum, file) => sum + size(file), 0)
  return { scripts, styles }
}

// Of the font's parts a browser loads those that it needs for the letters on the page: this one for our two languages.
const latin = readdirSync('dist/assets').filter((name) => /^inter-latin-wght-normal-.*\.woff2$/.test(name))
const fonts = latin.reduce((sum, name) => sum + statSync(`dist/assets/${name}`).size, 0)

const screens = Object.keys(manifest).filter((key) => /^src\/screens\/\w+\/route\.tsx$/.test(key))
const figures = screens.map((screen) => [screen, { ...weigh(screen), fonts }])
const beyond = figures.flatMap(([screen, weights]) =>
  Object.entries(BUDGETS)
    .filter(([kind, most]) => !(weights[kind] > 0 && weights[kind] <= most))
    .map(([kind, most]) => `${screen}: ${kind} take ${(weights[kind] / KIB).toFixed(1)} KiB of ${most / KIB}`),
)
if (process.argv.includes('--show')) {
  for (const [screen, { scripts, styles }] of figures) {
    console.log(
      `${screen}: scripts ${(scripts / KIB).toFixed(1)}, styles ${(styles / KIB).toFixed(1)}, fonts ${(fonts / KIB).toFixed(1)} KiB`,
    )
  }
}
if (!screens.length || beyond.length) {
  console.error(beyond.join('\n') || 'The build has no screens.')
  process.exit(1)
}
