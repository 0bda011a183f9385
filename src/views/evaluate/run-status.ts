/** Where a run over sets stands, in words. Pure. */

import type { Evaluation } from '../../state/evaluation.svelte.ts';
import { totalOf } from '../../core/sets/total-records.ts';
import { formatCount, formatSeconds } from '../../ui/format-amount.ts';
import type { StoredRun } from './evaluate-types.ts';

export type StatusKind = 'idle' | 'planning' | 'loading' | 'running' | 'paused' | 'done' | 'error';

export interface RunStatusView {
  readonly kind: StatusKind;
  /** The run that is spoken of; `null` while it is planned and when none is open. */
  readonly run: StoredRun | null;
  readonly done: number;
  readonly total: number;
  readonly words: string;
}

/** The run in work, else the open one. */
export function runStatus({ job, shelf, results }: Evaluation): RunStatusView {
  const { phase } = job;
  if (phase === 'planning') {
    const planned = `Choosing items: ${formatCount(job.planned)} so far`;
    return { kind: 'planning', run: null, done: 0, total: 0, words: planned };
  }
  const { progress } = job;
  const who = progress?.phase === 'loading' ? progress.checkpointId : 'the checkpoint';
  if (phase === 'loading' && job.runId === null) {
    return { kind: 'loading', run: null, done: 0, total: 0, words: `Loading ${who}` };
  }
  const busy = phase === 'idle' || job.runId === null ? undefined : shelf.find(job.runId);
  const run = busy ?? results.run;
  if (run === null) {
    const failed = job.error !== null && job.runId === null;
    return { kind: failed ? 'error' : 'idle', run, done: 0, total: 0, words: '' };
  }
  const total = totalOf(run);
  const at = { run, done: run.done, total };
  if (phase === 'loading') return { ...at, kind: 'loading', words: `Loading ${who}` };
  if (phase === 'running') return { ...at, kind: 'running', words: runningWords(job) };
  if (run.done >= total) return { ...at, kind: 'done', words: 'Done' };
  const isFailed = job.error !== null && job.runId === run.id;
  const kept = `${formatCount(run.done)} ${run.done === 1 ? 'record is' : 'records are'} kept`;
  return isFailed
    ? { ...at, kind: 'error', words: `Stopped; ${kept}` }
    : { ...at, kind: 'paused', words: `Paused; ${kept}` };
}

function runningWords({ progress, ratePerSecond, remainingSeconds }: Evaluation['job']): string {
  if (progress?.phase !== 'answering') return 'Sampling';
  return [
    `Asking ${progress.checkpointId}`,
    ratePerSecond === null ? '' : rateWords(ratePerSecond),
    remainingSeconds === null ? '' : `${formatSeconds(remainingSeconds)} left`,
    `${progress.items > 1 ? `${String(progress.items)} items` : 'item'} in work: ${String(progress.samples)} of ${String(progress.samplesOfItem)} samples`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Slow runs are told by the minute. */
function rateWords(perSecond: number): string {
  return perSecond >= 1
    ? `${perSecond.toPrecision(2)} records/s`
    : `${(perSecond * 60).toPrecision(2)} records/min`;
}
