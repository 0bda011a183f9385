/** The tasks of a page in Chromium's trace: in CPU time, which a busy machine does not stretch, and by the clock. */

/** What is spoken with Chromium's tracing, whoever holds the session. */
export interface TracingSession {
  send(method: string, params?: object): Promise<unknown>;
  on(event: string, listener: (data: { readonly value: readonly TraceEvent[] }) => void): void;
  off(event: string, listener: (data: { readonly value: readonly TraceEvent[] }) => void): void;
}

/** Of a task: microseconds. Of a thread: its name. */
export interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Of the page's main thread, milliseconds. */
export interface LongestTasks {
  readonly longestCpuMs: number;
  readonly longestClockMs: number;
}

/**
 * Starts a trace.
 *
 * @returns ends it and gives the longest tasks
 * @throws Error when the trace has no task of a page
 */
export async function traceTasks(session: TracingSession): Promise<() => Promise<LongestTasks>> {
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
    const complete = new Promise((resolve) => {
      session.on('Tracing.tracingComplete', resolve);
    });
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
