/**
 * What long work takes of the page, asked of Chromium itself: its longest task in CPU time, which a busy
 * machine does not stretch, and by the clock; and its memory.
 */

import { cdp } from 'vitest/browser';
import { traceTasks, type LongestTasks, type TracingSession } from './page-trace.ts';

export interface PageCost extends LongestTasks {
  readonly seconds: number;
  /** Objects and array buffers of the page, bytes: after a collection, and the most while it worked. */
  readonly heapBefore: number;
  readonly heapPeak: number;
}

export async function pageCost(work: () => Promise<void>): Promise<PageCost> {
  const session = cdp() as unknown as TracingSession;
  await session.send('HeapProfiler.collectGarbage');
  const heapBefore = await heapBytes(session);
  let heapPeak = heapBefore;
  // From here on: the collection is a long task itself.
  const trace = await traceTasks(session);
  let isOver = false;
  const watch = (async () => {
    while (!isOver) {
      heapPeak = Math.max(heapPeak, await heapBytes(session));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  isOver = true;
  await watch;
  return { seconds, heapBefore, heapPeak, ...(await trace()) };
}

async function heapBytes(session: TracingSession): Promise<number> {
  const usage = (await session.send('Runtime.getHeapUsage')) as {
    readonly usedSize: number;
    readonly backingStorageSize?: number;
  };
  return usage.usedSize + (usage.backingStorageSize ?? 0);
}
