/**
 * A run over sets that is killed at three random points (its tab, its worker, the whole browser) and
 * resumed gives the file of an uninterrupted one: 12 items of two checkpoints in direct mode with both nulls here; with
 * `E2E_LONG` (`npm run test:long`) 300 items in think mode, 100 of them from a `.npz`.
 */

import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { labels, npy, npz } from './npz.ts';
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

const isLong = process.env['E2E_LONG'] !== undefined;
const BUILT_IN = ['bloodmnist', 'breastmnist', 'organamnist', 'pathmnist', 'retinamnist'];
/** The built-in sets have 40 images each. */
const items = isLong ? 5 * 40 + 100 : 6 * 2;
const CHECKPOINTS = isLong ? ['tiny-base', 'tiny-sft', 'tiny-rl'] : ['tiny-sft', 'tiny-rl'];
const records = items * CHECKPOINTS.length;

let folder = '';
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supportlens-resume-'));
});
test.afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Grey ramps, each in another direction and contrast. */
function ramps(count: number): Uint8Array {
  const pixels = Uint8Array.from({ length: count * 784 }, (_, at) => {
    const [image, place] = [Math.floor(at / 784), at % 784];
    const angle = (image * Math.PI) / 50;
    const along = Math.cos(angle) * (place % 28) + Math.sin(angle) * Math.floor(place / 28);
    return 128 + along * (1 + (image % 3));
  });
  return npy('|u1', `(${String(count)}, 28, 28)`, pixels);
}

function planned() {
  const npzFile = join(folder, 'pneumoniamnist.npz');
  if (isLong) {
    const [test_images, test_labels] = [ramps(100), labels(100)];
    writeFileSync(npzFile, npz({ 'test_images.npy': test_images, 'test_labels.npy': test_labels }));
  }
  const sixth = isLong ? npzFile : 'pneumoniamnist';
  return readCommand([
    ...['--checkpoint', CHECKPOINTS.join(), '--data', [...BUILT_IN, sixth].join(), '--k', '16'],
    ...['--items', isLong ? '100' : '2', '--name', 'killed and resumed', '--out', 'unused.jsonl'],
    ...(isLong ? ['--mode', 'think', '--no-nulls'] : ['--mode', 'direct']),
  ]).plan;
}

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

const KILLS: readonly ((app: App, profile: string, device: string) => Promise<App>)[] = [
  // The tab.
  async (app, _profile, device) => {
    const page = await app.page.context().newPage();
    await app.page.close();
    await openEvaluate(app, page);
    await resumeRun(page, app.url, device);
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
  async (app, profile, device) => {
    const pid = Number(readlinkSync(join(profile, 'SingletonLock')).split('-').at(-1));
    process.kill(pid, 'SIGKILL');
    await app.close();
    const again = await openApp(profile, { device });
    await openEvaluate(again);
    await resumeRun(again.page, again.url, device);
    return again;
  },
];

test(`${String(items)} items × ${String(CHECKPOINTS.length)} checkpoints, killed at three points: the same file`, async () => {
  test.setTimeout(isLong ? 7_200_000 : 420_000);
  const plan = planned();
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
    app = await kill(app, profile, plan.device);
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
