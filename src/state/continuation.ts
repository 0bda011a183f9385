/**
 * Whether a run goes on from the shown result instead of beginning anew: it does when nothing but a
 * larger K is asked for. Sample i is a function of seed, item and i, so the samples that are there are
 * the first ones of the larger run (docs/decisions/0014). Pure.
 */

import type { Answerer } from '../core/types.ts';
import { isResultOf, type RunItem } from '../evaluation/live-record.ts';
import type { RunGroup, SessionRecord } from './run-groups.ts';

export interface Continuation {
  readonly runId: string;
  /** What goes on, one record per checkpoint; each has streams 0 … its K − 1. */
  readonly records: readonly SessionRecord[];
  /** Samples to draw, per checkpoint; at least 1. */
  readonly more: number;
}

/**
 * @param answerers what the chosen checkpoints have loaded, in their order; `null` for nothing
 * @returns `null` when a run has to begin anew: anything but K differs, K is not larger, a record is
 *   no live one, was stopped or broke off, or its weights are not the loaded ones
 */
export function continuationOf(
  shown: RunGroup | null,
  item: RunItem | null,
  answerers: readonly (Answerer | null)[],
): Continuation | null {
  if (shown === null || item === null) return null;
  const { records, first } = shown;
  const { runId, sampler } = first.record;
  const more = item.sampler.k - sampler.k;
  const asWas: RunItem = { ...item, sampler: { ...item.sampler, k: sampler.k } };
  const goesOn =
    more > 0 &&
    records.length === answerers.length &&
    records.every(
      (one, at) =>
        one.origin === 'live' &&
        one.isWhole === true &&
        isResultOf(one.record, asWas) &&
        isSameAnswerer(one.record.answerer, answerers[at] ?? null),
    );
  return goesOn ? { runId, records, more } : null;
}

/** The same weights in the same numbers on the same device: any other may draw another token. */
export function isSameAnswerer(a: Answerer, b: Answerer | null): boolean {
  return (
    b !== null &&
    a.checkpointId === b.checkpointId &&
    a.revision === b.revision &&
    a.dtype === b.dtype &&
    a.device === b.device
  );
}
