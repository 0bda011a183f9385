/**
 * Peak memory of one run: the high-water mark of the tab's process (page, worker, wasm heap, array
 * buffers), above what it held with the checkpoint loaded. Read from /proc, so on Linux only;
 * `performance.measureUserAgentSpecificMemory` sees no peak, only what is left after a collection.
 */
import { existsSync, readFileSync } from 'node:fs';
import { openBench } from './open.mjs';

/** Kilobytes of a line of /proc/PID/status. */
function statusOf(pid, name) {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(
    new RegExp(`^${name}:\\s+(\\d+)`, 'm'),
  );
  return Number(line?.[1] ?? 0);
}

/** The tab's process: the renderer that holds most. */
async function rendererOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  return renderers.sort((a, b) => statusOf(b, 'VmRSS') - statusOf(a, 'VmRSS'))[0];
}

/**
 * One run of each method in think mode, each in a fresh browser, at the K's asked for or the
 * method's limit.
 *
 * @returns {Promise<{method: string, k: number, loadedBytes: number, peakBytes: number}[]>} `peakBytes`
 *   is above `loadedBytes`; empty where there is no /proc
 */
export async function peakMemory(url, plan, device) {
  if (!existsSync('/proc/self/status')) return [];
  const peaks = [];
  for (const method of plan.methods) {
    const limit = plan.limits[method] ?? Infinity;
    for (const k of new Set(plan.memoryKs.map((wanted) => Math.min(wanted, limit)))) {
      const opened = await openBench(url, plan, device);
      if (opened === null) return peaks;
      const { browser, page } = opened;
      const { temperature, maxNewTokens } = plan;
      const common = { method, item: 0, mode: 'think', temperature, maxNewTokens, seed: 7 };
      try {
        const run = (task) => page.evaluate((asked) => window.bench.measure(asked), task);
        await run({ ...common, k: 1, imageVariant: 1 });
        const pid = await rendererOf(browser);
        const loadedBytes = statusOf(pid, 'VmRSS') * 1024;
        await run({ ...common, k, imageVariant: 2 });
        const peakBytes = Math.max(0, statusOf(pid, 'VmHWM') * 1024 - loadedBytes);
        peaks.push({ method, k, loadedBytes, peakBytes });
      } finally {
        await browser.close();
      }
    }
  }
  return peaks;
}
