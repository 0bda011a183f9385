/**
 * The built page in a Chromium whose profile is a folder: what the page stores is there after the
 * browser has ended, however it ended.
 */
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../chromium.mjs';
import { serve } from '../server.mjs';
import { root } from '../steps.mjs';

/** Storage belongs to an origin: this one whatever port is free. */
const ORIGIN_HOST = 'supportlens.localhost';

/**
 * @param {string} profile a folder, made when it is not there
 * @param {{device?: string}} [options] `wasm` and `auto` need no graphics adapter; `webgpu` takes the real one
 * @returns {Promise<{page: import('playwright-core').Page, url: string, close: () => Promise<void>}>}
 */
export async function openApp(profile, { device = 'wasm' } = {}) {
  const server = await serve(`${root}dist`);
  const { host } = new URL(server.url);
  const args = chromiumArgs.filter((arg) => device === 'wasm' || !arg.includes('swiftshader'));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: findChromium(),
      args: [...args, `--host-resolver-rules=MAP ${ORIGIN_HOST}:80 ${host}`],
      viewport: { width: 1440, height: 900 },
      // The profile outlives a build: the page has to be the one that is served.
      serviceWorkers: 'block',
    });
    // Without the save dialog an export is a download.
    await context.addInitScript(() => delete globalThis.showSaveFilePicker);
    const [page = await context.newPage()] = context.pages();
    return {
      page,
      url: `http://${ORIGIN_HOST}/`,
      close: async () => {
        await context.close().catch(() => undefined);
        await server.close();
      },
    };
  } catch (thrown) {
    await server.close();
    throw thrown;
  }
}
