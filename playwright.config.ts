import { defineConfig } from '@playwright/test';
import { findChromium, plainArgs } from './scripts/chromium.mjs';

export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '*.spec.ts',
  // In `npm run test:long` these alone, and what has more cases there.
  ...(process.env['E2E_LONG'] === undefined
    ? { grepInvert: /@long/ }
    : { grep: /@long|killed at three points/ }),
  outputDir: 'test-results/e2e',
  fullyParallel: false,
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    // Requests that a test answers or breaks must reach it; offline.spec.ts is about the worker.
    serviceWorkers: 'block',
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: findChromium() ?? '', args: plainArgs },
  },
});
