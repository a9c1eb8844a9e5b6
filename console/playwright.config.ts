import { defineConfig } from '@playwright/test'

// The tests of tests/e2e start a hub and a sandbox, and pass what a browser needs to know of them.
export default defineConfig({
  testDir: 'e2e',
  outputDir: process.env.CONSOLE_RESULTS ?? 'test-results',
  workers: 1,
  // The machine may be busy with others: no test is judged by its time.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: 'line',
  use: {
    baseURL: process.env.HUB_ADDRESS ?? 'http://127.0.0.1:8000',
    locale: 'it-IT',
    timezoneId: 'Europe/Rome',
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
