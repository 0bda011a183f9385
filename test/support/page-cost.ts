/**
 * What long work takes of the page, asked of Chromium itself: its longest task in CPU time, which a busy
 * machine does not stretch, and by the clock; and its memory.
 */

import { cdp } from 'vitest/browser';

export interface PageCost {
  readonly seconds: number;
  /** Longest task of a page's main thread, milliseconds. */
  readonly longestCpuMs: number;
  readonly longestClockMs: number;
  /** Objects and array buffers of the page, bytes: after a collection, and the most while it worked. */
  readonly heapBefore: number;
  readonly heapPeak: number;
}

/** Of a task: microseconds. Of a thread: its name. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

interface Session {
  send(method: string, params?: object): Promise<unknown>;
  on(event: string, listener: (data: { readonly value: readonly TraceEvent[] }) => void): void;
  off(event: string, listener: (data: { readonly value: readonly TraceEvent[] }) => void): void;
}

export async function pageCost(work: () => Promise<void>): Promise<PageCost> {
  const session = cdp() as unknown as Session;
  await session.send('HeapProfiler.collectGarbage');
  const heapBefore = await heapBytes(session);
  let heapPeak = heapBefore;
  // From here on: the collection is a long task itself.
  const trace = await traced(session);
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

async function heapBytes(session: Session): Promise<number> {
  const usage = (await session.send('Runtime.getHeapUsage')) as {
    readonly usedSize: number;
    readonly backingStorageSize?: number;
  };
  return usage.usedSize + (usage.backingStorageSize ?? 0);
}

/** Starts a trace; the result ends it and gives the longest tasks. */
async function traced(session: Session) {
  const tasks: TraceEvent[] = [];
  const pages = new Set<string>();
  const thread = ({ pid, tid }: TraceEvent): string => `${String(pid)} ${String(tid)}`;
  const collect = ({ value }: { readonly value: readonly TraceEvent[] }): void => {
    for (const event of value) {
      if (event.name === 'ThreadControllerImpl::RunTask') tasks.push(event);
      if (event.args?.name === 'CrRendererMain') pages.add(thread(event));
    }
  };
  session.on('Tracing.dataCollected', collect);
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel'], traceBufferSizeInKb: 400_000 },
  });
  return async () => {
    const complete = new Promise((resolve) => session.on('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await complete;
    session.off('Tracing.dataCollected', collect);
    const own = tasks.filter((task) => pages.has(thread(task)));
    if (own.length === 0) throw new Error('The trace has no task of a page.');
    const longest = (time: (task: TraceEvent) => number): number =>
      own.reduce((most, task) => Math.max(most, time(task)), 0) / 1000;
    return {
      longestCpuMs: longest(({ tdur }) => tdur ?? 0),
      longestClockMs: longest(({ dur }) => dur ?? 0),
    };
  };
}
