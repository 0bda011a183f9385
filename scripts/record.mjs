/**
 * Records the run that a first visit shows: `npm run record -- '#/explore?…'` samples it in the built
 * page in Chromium, as anybody would, and keeps the page's own export in public/runs/first.jsonl: one
 * line per checkpoint, so `checkpoint=tiny-base,tiny-sft` records both side by side.
 */
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from './chromium.mjs';
import { serve } from './server.mjs';
import { root } from './steps.mjs';

const DEFAULT_ADDRESS =
  '#/explore?dataset=bloodmnist&index=332&checkpoint=tiny-base,tiny-sft,tiny-rl&k=16&t=1&p=1&seed=7&mode=think&kind=free-form&device=wasm';
const address = process.argv[2] ?? DEFAULT_ADDRESS;
const target = `${root}public/runs/first.jsonl`;

const server = await serve(`${root}dist`);
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs });
const page = await browser.newPage({ serviceWorkers: 'block' });
await page.goto(`${server.url}${address}`);
await page.getByTestId('run').click();
const status = page.getByTestId('status');
const ended = page.locator('[data-testid=status]:is([data-state=done], [data-state=error])');
await ended.waitFor({ timeout: 300_000 });
if ((await status.getAttribute('data-state')) === 'error') {
  throw new Error(`Not recorded: ${(await page.getByRole('alert').allInnerTexts()).join(' ')}`);
}
const download = page.waitForEvent('download');
await page.getByTestId('export-jsonl').click();
mkdirSync(`${root}public/runs`, { recursive: true });
await (await download).saveAs(target);
console.log(`${target}: ${await page.getByTestId('support-verdict').innerText()}`);
await browser.close();
await server.close();
