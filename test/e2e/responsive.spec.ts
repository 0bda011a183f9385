/**
 * The page at K = 1,024: what keeps it from answering, and what Stop does. Durations are printed for
 * whoever reads them in a quiet moment and never asserted: machines are busy.
 */

import type { Page } from '@playwright/test';
import { loadavg } from 'node:os';
import { traceTasks, type TracingSession } from '../support/page-trace.ts';
import { countsOf, expect, longUnless, test, total, waitForState } from './app.ts';

/** How long a page that does nothing is watched, for comparison. */
const IDLE_MS = 3000;

interface Watched {
  /** Durations of the page's tasks over 50 ms, ms. */
  longTasks: number[];
  /** Decode steps that workers have told the page of. */
  steps: number;
}
const watched = (page: Page): Promise<Watched> =>
  page.evaluate(() => {
    const { longTasks, steps } = (window as unknown as { watched: Watched }).watched;
    return { longTasks: longTasks.splice(0), steps };
  });

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => {
    const seen: Watched = { longTasks: [], steps: 0 };
    Object.assign(window, { watched: seen });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.longTasks.push(Math.round(duration));
    }).observe({ type: 'longtask', buffered: true });
    // Events of a worker come as calls of a function that the page has sent it.
    const listen = MessagePort.prototype.addEventListener;
    MessagePort.prototype.addEventListener = function (
      this: MessagePort,
      ...given: Parameters<typeof listen>
    ) {
      if (given[0] === 'message') listen.call(this, 'message', countStep);
      listen.apply(this, given);
    };
    function countStep(event: Event): void {
      const { data } = event as MessageEvent<{ argumentList?: { value?: unknown }[] } | null>;
      const value = data?.argumentList?.[0]?.value as { type?: unknown } | undefined;
      if (value?.type === 'step') seen.steps += 1;
    }
  });
});

async function open(page: Page, url: string, mode: string, nulls: string): Promise<void> {
  await page.goto(
    `${url}#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-sft&k=1024&t=1&p=1&seed=7&mode=${mode}&device=wasm&nulls=${nulls}`,
  );
  await expect(page.getByTestId('run')).toBeEnabled();
}

const words = (name: string, durations: readonly number[]): string =>
  `${name}: ${durations.length === 0 ? 'none' : `${String(durations.length)}, longest ${String(Math.max(...durations))} ms`}`;

for (const { mode, nulls } of [
  { mode: 'think', nulls: '0' },
  { mode: 'direct', nulls: '1' },
]) {
  const details = longUnless(mode === 'think');
  test(
    `a ${mode} run of K = 1024 is whole, and says what blocked the page`,
    details,
    async ({ page, app }) => {
      await open(page, app.url, mode, nulls);
      expect(
        await page.evaluate(() => PerformanceObserver.supportedEntryTypes.includes('longtask')),
      ).toBe(true);
      const opening = await watched(page);
      await page.waitForTimeout(IDLE_MS);
      const idle = await watched(page);
      const session = (await page.context().newCDPSession(page)) as unknown as TracingSession;
      const endTrace = await traceTasks(session);
      await watched(page);
      await page.getByTestId('run').click();
      await waitForState(page, 'done');
      expect(total(await countsOf(page))).toBe(1024);
      const during = await watched(page);
      expect(during.steps).toBeGreaterThan(0);
      const { longestCpuMs } = await endTrace();
      console.info(
        [
          `K = 1024, ${mode}, tasks over 50 ms`,
          words('opening', opening.longTasks),
          words(`idle ${String(IDLE_MS / 1000)} s`, idle.longTasks),
          words('run', during.longTasks),
          `longest of the run in CPU time ${longestCpuMs.toFixed(0)} ms`,
          `load ${(loadavg()[0] ?? 0).toFixed(1)}`,
        ].join(' · '),
      );
    },
  );
}

test('Stop in the middle of K = 1024 lets one decode step end, keeps what is finished, and Run is there again', async ({
  page,
  app,
}) => {
  await open(page, app.url, 'think', '0');
  await page.getByTestId('run').click();
  // Far enough for a broad tree, and for the first samples to have ended.
  await expect
    .poll(
      async () => Number(/(\d+) of 1024/.exec(await page.getByTestId('status').innerText())?.[1]),
      {
        timeout: 120_000,
        intervals: [50],
      },
    )
    .toBeGreaterThan(0);
  const atClick = await page.getByTestId('stop').evaluate((stop) => {
    const { steps } = (window as unknown as { watched: Watched }).watched;
    (stop as HTMLButtonElement).click();
    return steps;
  });
  await waitForState(page, 'stopped');
  const kept = total(await countsOf(page));
  const { steps } = await watched(page);
  expect(steps - atClick).toBeLessThanOrEqual(1);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(1024);
  await expect(page.getByTestId('run')).toBeEnabled();
  expect((await watched(page)).steps).toBe(steps);
  expect(total(await countsOf(page))).toBe(kept);
});
