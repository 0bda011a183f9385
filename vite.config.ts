import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import packageJson from './package.json' with { type: 'json' };
import { chromiumArgs, findChromium } from './scripts/chromium.mjs';
import { contentPolicyPlugin } from './scripts/content-policy.mjs';

/** Cross-origin isolation gives wasm threads; hosts that cannot send these run on one thread. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  define: { __APP_VERSION__: JSON.stringify(packageJson.version) },
  plugins: [svelte(), contentPolicyPlugin()],
  resolve: {
    // The runtime's binaries are chosen at run time and served by us, so none is bundled.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  worker: { format: 'es' },
  build: { target: 'es2023', chunkSizeWarningLimit: 1200 },
  server: { headers: isolation },
  optimizeDeps: {
    exclude: ['onnxruntime-web', '@huggingface/transformers'],
    // Found only when its worker starts, which would reload a page that is in use.
    include: ['hyparquet-writer', 'ml-matrix'],
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['{src,workers,test,scripts}/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', 'node_modules/**'],
          // Pure modules: a thread of its own for each of 150 files took longer than their tests.
          pool: 'threads',
          isolate: false,
          // Only a hang shall fail by time: machines may be slow and busy.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          globalSetup: ['test/support/hub-setup.ts'],
          include: ['{src,workers,test}/**/*.browser.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: findChromium() ?? '', args: chromiumArgs },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
