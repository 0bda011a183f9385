import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import runSchema from '../../public/schema/run.schema.json' with { type: 'json' };
import {
  countsOf,
  DOCUMENTED,
  expect,
  openDirect,
  openHome,
  test,
  total,
  violations,
  waitForState,
} from './app.ts';

test('first visit: one sentence and a recorded run, nothing moves, and nothing of a checkpoint was fetched', async ({
  page,
  app,
}) => {
  await page.addInitScript(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        seen.shift += (entry as unknown as { readonly value: number }).value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(app.url);
  await expect(page.getByTestId('support-verdict')).toContainText('recorded run');
  for (const id of ['tiny-base', 'tiny-sft', 'tiny-rl']) {
    expect(total(await countsOf(page, id))).toBe(16);
  }
  expect(requests.filter((url) => /\.(onnx|wasm)/.test(url))).toEqual([]);
  expect(requests.filter((url) => !url.startsWith(app.url) && !url.startsWith('blob:'))).toEqual(
    [],
  );
  const shift = await page.evaluate(
    () => (window as unknown as { seen: { shift: number } }).seen.shift,
  );
  console.log(`layout shift of a first visit: ${shift.toFixed(4)}`);
  expect(shift).toBeLessThan(0.02);

  await page.getByTestId('intro-close').click();
  await page.reload();
  await expect(page.getByTestId('support-verdict')).toContainText('recorded run');
  await expect(page.getByTestId('intro')).toHaveCount(0);
});

test('the charts of the recorded run are saved as SVG and PNG, with what they are of', async ({
  page,
  app,
}, info) => {
  await openHome(page, app.url);
  const saved: Record<string, Buffer> = {};
  for (const [title, name] of [
    ['Pass@k', 'pass-at-k'],
    ['Answers', 'answers'],
  ] as const) {
    const figure = page.getByRole('figure').filter({
      has: page.getByRole('heading', { name: title, exact: true }),
    });
    const control = figure.getByTestId('save-chart');
    for (const kind of ['SVG', 'PNG']) {
      // By keyboard: the control is there for it before it is seen.
      await control.locator('summary').focus();
      await page.keyboard.press('Enter');
      await expect(control).toHaveAttribute('open', '');
      if (name === 'answers' && kind === 'SVG') {
        await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
        expect(await violations(page)).toEqual([]);
      }
      const download = page.waitForEvent('download');
      await control.getByRole('button', { name: `Save ${title} as ${kind}` }).click();
      const file = await download;
      const ending = kind.toLowerCase();
      expect(file.suggestedFilename()).toBe(`supportlens-bloodmnist-test-332-${name}.${ending}`);
      const path = info.outputPath(file.suggestedFilename());
      await file.saveAs(path);
      saved[`${name}.${ending}`] = readFileSync(path);
      await expect(control).not.toHaveAttribute('open', '');
    }
  }
  for (const name of ['pass-at-k', 'answers']) {
    const svg = String(saved[`${name}.svg`]);
    for (const words of [
      'BloodMNIST, test 332',
      'Name it, without options',
      'tiny-base (base)',
      'tiny-rl (RL)',
      'n = 16 samples each',
      'K = 16, T 1, top-p off',
      'seed 7; prompt mode think',
      'Device: wasm',
      'not for clinical use',
    ]) {
      expect(svg, `${name}: ${words}`).toContain(words);
    }
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
    const png = saved[`${name}.png`];
    // The header of a PNG has its size.
    expect([png?.readUInt32BE(16), png?.readUInt32BE(20)]).toEqual([
      Number(width) * 2,
      Number(height) * 2,
    ]);
  }
});

test('the documented address runs by itself; first visit to a finished run', async ({
  page,
  app,
}) => {
  await page.addInitScript(() => {
    const blocked: number[] = [];
    Object.assign(window, { blocked });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) blocked.push(Math.round(entry.duration));
    }).observe({ type: 'longtask', buffered: true });
  });
  await page.goto(`${app.url}${DOCUMENTED}&device=wasm`);
  await waitForState(page, 'done');
  const counts = await countsOf(page);
  expect(total(counts)).toBe(16);
  await expect(page.getByTestId('support-verdict')).toContainText('platelet');
  await expect(page.getByTestId('greedy-answer')).not.toHaveText('–');
  await expect(page.getByTestId('device-badge')).toContainText('checked');
  await expect(
    page.getByTestId('answer-row').and(page.locator('[data-correct="true"]')),
  ).toHaveCount(1);
  const megabytes = app.sentBytes() / 1e6;
  const blocked = await page.evaluate(() => (window as unknown as { blocked: number[] }).blocked);
  console.info(
    `first visit: ${megabytes.toFixed(2)} MB over the wire; tasks over 50 ms: ${JSON.stringify(blocked)}`,
  );
  expect(megabytes).toBeLessThanOrEqual(8);
  expect(page.url()).toContain('dataset=bloodmnist&index=12');
  expect(page.url()).not.toContain('run=1');
});

test('the same address gives the same answers', async ({ page, app }) => {
  await openDirect(page, app.url, '&run=1');
  await waitForState(page, 'done');
  const first = await countsOf(page);
  await page.goto('about:blank');
  await openDirect(page, app.url, '&run=1');
  await waitForState(page, 'done');
  expect(await countsOf(page)).toEqual(first);
});

test('a raised K goes on with the run: what it will do is said, and the bounds stay', async ({
  page,
  app,
}) => {
  await page.goto(
    `${app.url}#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-sft&k=64&t=1&p=1&seed=7&mode=direct&device=wasm&run=1`,
  );
  await waitForState(page, 'done');
  const atOnce = await countsOf(page);
  await page.goto('about:blank');

  await openDirect(page, app.url, '&checkpoint=tiny-sft&run=1');
  await waitForState(page, 'done');
  const exact = page.getByTestId('exact-panel');
  await expect(exact).toHaveAttribute('data-phase', 'ended', { timeout: 120_000 });
  const run = page.getByTestId('run');
  await expect(run).toContainText('Run');
  await expect(run).not.toContainText('more');
  await page.getByLabel('K', { exact: true }).selectOption('64');
  await expect(run).toContainText('Run 48 more');
  await expect(page.getByTestId('stale')).toHaveText(/press Run to draw 48 more\./);
  await expect(exact).not.toContainText('changed settings');
  await page.getByRole('spinbutton', { name: 'seed' }).fill('8');
  await page.getByRole('spinbutton', { name: 'seed' }).press('Tab');
  await expect(run).not.toContainText('more');
  await page.getByRole('spinbutton', { name: 'seed' }).fill('7');
  await page.getByRole('spinbutton', { name: 'seed' }).press('Tab');

  const phases: string[] = [];
  await page.exposeFunction('notePhase', (phase: string) => phases.push(phase));
  await exact.evaluate((panel) => {
    new MutationObserver(() => {
      void (window as unknown as { notePhase: (phase: string) => void }).notePhase(
        (panel as HTMLElement).dataset['phase'] ?? '',
      );
    }).observe(panel, { attributeFilter: ['data-phase'] });
  });
  await run.click();
  await waitForState(page, 'done');
  expect(await countsOf(page)).toEqual(atOnce);
  await expect(page.getByTestId('status')).toContainText('64 of 64');
  await expect(page.getByTestId('stale')).toHaveCount(0);
  await expect(page.getByLabel('Runs')).toHaveCount(0);
  await expect(exact).toHaveAttribute('data-phase', 'ended');
  expect(phases).toEqual([]);
});

test('a run is exported by the published schema and comes back on another page', async ({
  page,
  app,
}, info) => {
  await openDirect(page, app.url, '&run=1');
  await waitForState(page, 'done');
  const counts = await countsOf(page);
  const download = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  const file = info.outputPath('run.jsonl');
  await (await download).saveAs(file);

  const validate = new Ajv2020({ strict: false }).compile(runSchema);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines)
    expect(validate(JSON.parse(line)), JSON.stringify(validate.errors)).toBe(true);

  await page.goto(app.url);
  await page.locator('input[accept*="jsonl"]').setInputFiles(file);
  await expect(page.getByText(/1 item imported/)).toBeVisible();
  expect(await countsOf(page)).toEqual(counts);
  await expect(page.getByTestId('export-jsonl')).toBeEnabled();
});

test('Back leads to the image before, with its result, and Forward to the next one', async ({
  page,
  app,
}) => {
  await openHome(page, app.url);
  const verdict = page.getByTestId('support-verdict');
  const headline = await verdict.getByRole('heading').innerText();
  await page.getByTestId('gallery-item').first().click();
  await expect(page.getByTestId('empty-result')).toBeVisible();
  const second = page.url();
  await page
    .locator('input[accept*="image/png"]')
    .setInputFiles(fileURLToPath(new URL('../../public/samples/bloodmnist.png', import.meta.url)));
  await expect(page).toHaveURL(/image=own/);

  await page.goBack();
  await expect(page).toHaveURL(second);
  await page.goBack();
  await expect(verdict.getByRole('heading')).toHaveText(headline);
  await page.goForward();
  await page.goForward();
  await expect(page).toHaveURL(/image=own/);
  await expect(page.getByTestId('image-panel')).toContainText('bloodmnist.png');
  await expect(page.getByText('of its sender’s own')).toHaveCount(0);
});

test('choosing another image asks about it; earlier runs stay in reach', async ({ page, app }) => {
  await openDirect(page, app.url, '&run=1');
  await waitForState(page, 'done');
  const counts = await countsOf(page);
  await page.getByTestId('gallery-item').nth(0).click();
  await expect(page).toHaveURL(/index=(?!12&)/);
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  await page.getByLabel('Runs').selectOption({ index: 1 });
  await expect.poll(() => countsOf(page)).toEqual(counts);
});

test('a question of one’s own, without a marked truth, shows the distribution only', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url);
  const truth = page.getByRole('checkbox', { name: /right|truth/i, checked: true });
  await truth.first().focus();
  await page.keyboard.press('Space');
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  await expect(page.getByTestId('support-verdict')).toContainText('No truth is marked');
  await expect(page.getByTestId('answer-row').first()).toHaveAttribute('data-correct', 'unknown');
});

test('the keyboard runs and stops; the arrows walk the gallery', async ({ page, app }) => {
  await openDirect(page, app.url);
  await page.keyboard.press('Control+Enter');
  await waitForState(page, 'done');
  const item = page.getByTestId('gallery-item').nth(0);
  await item.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('gallery-item').nth(1)).toBeFocused();
  await expect(page.getByTestId('gallery-item').nth(1)).toHaveAttribute('aria-pressed', 'true');
});

test.describe('on a host without isolation headers', () => {
  test.use({ isolated: false });
  test('one thread works', async ({ page, app }) => {
    await openDirect(page, app.url, '&run=1');
    await waitForState(page, 'done');
    await expect(page.getByTestId('device-badge')).toContainText('1 thread');
  });
});
