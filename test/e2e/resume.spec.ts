/**
 * A run over sets that is killed at three random points (its tab, its worker, the whole browser) and
 * resumed gives the file of an uninterrupted one. `npm run test:long` asks 300 items in think mode.
 */

import { mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { openApp } from '../../scripts/evaluate/browser.mjs';
import { readCommand } from '../../scripts/evaluate/command.mjs';
import {
  complaint,
  fillIn,
  resumeRun,
  saveExport,
  startRun,
  statusOf,
} from '../../scripts/evaluate/page.mjs';

type App = Awaited<ReturnType<typeof openApp>>;

const isLong = process.env['RESUME_ITEMS'] !== undefined;
const items = Number(process.env['RESUME_ITEMS'] ?? 30);
const SETS = 'bloodmnist,breastmnist,organamnist,pathmnist,pneumoniamnist,retinamnist';
const CHECKPOINTS = 3;
const records = items * CHECKPOINTS;

let folder = '';
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supportlens-resume-'));
});
test.afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const { plan } = readCommand([
  ...['--checkpoint', 'tiny-base,tiny-sft,tiny-rl', '--data', SETS, '--k', '16'],
  ...['--items', String(items / SETS.split(',').length), '--mode', isLong ? 'think' : 'direct'],
  ...['--name', 'killed and resumed', '--out', 'unused.jsonl'],
]);

async function openEvaluate(app: App, page = app.page): Promise<Page> {
  await page.goto(`${app.url}#/evaluate?device=wasm`);
  return page;
}

async function reach(page: Page, wanted: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const { state, done } = await statusOf(page);
        if (state === 'error') throw new Error(await complaint(page));
        return done;
      },
      { timeout: 3_600_000, intervals: [50] },
    )
    .toBeGreaterThanOrEqual(wanted);
}

/** The lines without what differs between any two runs: id, time of day, times taken. */
function contentOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/"runId":"[^"]*"/g, '"runId":""')
        .replaceAll(/"createdAt":"[^"]*"/g, '"createdAt":""')
        .replaceAll(/"elapsedMs":[\d.e+-]+/g, '"elapsedMs":0'),
    );
}

const KILLS: readonly ((app: App, profile: string) => Promise<App>)[] = [
  // The tab.
  async (app) => {
    const page = await app.page.context().newPage();
    await app.page.close();
    await openEvaluate(app, page);
    await resumeRun(page, app.url, plan.device);
    return { ...app, page };
  },
  // The worker: the page loads another one by itself.
  async (app) => {
    const worker = app.page.workers().find((one) => one.url().includes('vlm'));
    await worker?.evaluate(() => {
      self.close();
    });
    return app;
  },
  // The browser, as by a crash.
  async (app, profile) => {
    const pid = Number(readlinkSync(join(profile, 'SingletonLock')).split('-').at(-1));
    process.kill(pid, 'SIGKILL');
    await app.close();
    const again = await openApp(profile, plan);
    await openEvaluate(again);
    await resumeRun(again.page, again.url, plan.device);
    return again;
  },
];

test(`${String(items)} items × 3 checkpoints, killed at three points: the same file`, async () => {
  test.setTimeout(isLong ? 7_200_000 : 420_000);
  const points = KILLS.map(() => Math.ceil(Math.random() * (records - 2))).sort((a, b) => a - b);
  test.info().annotations.push({ type: 'killed at', description: points.join(', ') });

  const whole = await openApp(join(folder, 'whole'), plan);
  await openEvaluate(whole);
  await fillIn(whole.page, plan);
  await startRun(whole.page);
  await reach(whole.page, records);
  await saveExport(whole.page, 'jsonl', join(folder, 'whole.jsonl'));
  await whole.close();

  const profile = join(folder, 'killed');
  let app = await openApp(profile, plan);
  await openEvaluate(app);
  await fillIn(app.page, plan);
  await startRun(app.page);
  for (const [at, kill] of KILLS.entries()) {
    await reach(app.page, points[at] ?? records);
    app = await kill(app, profile);
  }
  await reach(app.page, records);
  await saveExport(app.page, 'jsonl', join(folder, 'killed.jsonl'));
  await app.close();

  const [expected, found] = [
    contentOf(join(folder, 'whole.jsonl')),
    contentOf(join(folder, 'killed.jsonl')),
  ];
  expect(found.filter((line) => line.startsWith('{"type":"item"'))).toHaveLength(records);
  expect(found).toEqual(expected);
});
