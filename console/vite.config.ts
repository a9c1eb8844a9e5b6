import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    rollupOptions: {
      input: 'graphiql.html',
      onwarn: (warning, warn) => {
        // Libraries carry hints for a compiler that we do not run.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
      },
    },
    // Fonts and pictures as files of their own: the page's policy allows `data:` to as little as it can.
    assetsInlineLimit: 0,
    // Monaco is large and loaded by one page.
    chunkSizeWarningLimit: 8000,
  },
})
