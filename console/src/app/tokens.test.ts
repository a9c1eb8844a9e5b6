import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const styles = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css'))

test('the dark theme differs from the light one in colours alone, which tests of accessibility rely on', () => {
  const css = styles.map((name) => readFileSync(`src/${name}`, 'utf8')).join('\n')
  expect(css.match(/data-theme|prefers-color-scheme/g)).toEqual(['data-theme'])

  const dark = /\[data-theme="dark"\] \{([^}]*)\}/.exec(css)?.[1] ?? ''
  const names = dark.split('\n').flatMap((line) => /^ *([\w-]+):/.exec(line)?.slice(1) ?? [])
  expect(names.length).toBeGreaterThan(30)
  expect(names.filter((name) => !name.startsWith('--'))).toEqual(['color-scheme'])
})
