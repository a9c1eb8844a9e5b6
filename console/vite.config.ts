import { readFileSync } from 'node:fs'
import optimizeLocales from '@react-aria/optimize-locales-plugin'
import babel from '@rolldown/plugin-babel'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { operations } from './operations.ts'

/**
 * Puts the script that sets theme and language before everything else, as a file of its own: a module would run only
 * after the first paint, and the page's policy allows no script inside of it.
 */
function firstScript(): Plugin {
  const NAME = 'first.js'
  return {
    name: 'first-script',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'asset', name: NAME, source: readFileSync('src/app/first.js', 'utf8') })
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle, filename }) {
        if (!filename.endsWith('index.html')) return []
        const file = Object.values(bundle ?? {}).find((one) => one.type === 'asset' && one.names.includes(NAME))
        if (!file) throw new Error('The first script is not in the bundle.')
        return [{ tag: 'script', attrs: { src: `/${file.fileName}` }, injectTo: 'head-prepend' }]
      },
    },
  }
}

export default defineConfig({
  plugins: [
    react(),
    babel({
      include: /\/console\/src\/(app|charts|screens|ui|words)\/.*\.tsx?$/,
      plugins: ['@lingui/babel-plugin-lingui-macro'],
    }),
    { ...optimizeLocales.vite({ locales: ['it-IT', 'en-US'] }), enforce: 'pre' },
    firstScript(),
    operations(),
  ],
  worker: { format: 'es' },
  build: {
    rollupOptions: {
      input: ['index.html', 'graphiql.html'],
      onwarn: (warning, warn) => {
        // Libraries carry hints for a compiler that we do not run.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
      },
    },
    // Fonts and pictures as files of their own: the page's policy allows `data:` to as little as it can.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    // Monaco is large and loaded by one page.
    chunkSizeWarningLimit: 8000,
  },
})
