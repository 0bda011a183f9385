/** What a run is expected to take, from what a probe of it took. Pure. */

import { ownCount } from '../core/sets/shard.ts';
import { MIN_WRONG_IMAGES } from '../core/wrong-image.ts';
import type { PlanRequest } from './plan-run.ts';
import type { ProbeReport } from './probe.ts';

/** What a run is expected to take. */
export interface RunEstimate {
  readonly seconds: number;
  readonly storageBytes: number;
}

/**
 * From the probe to the whole run, as if every checkpoint were as fast as the one that was asked. Images
 * are counted at most: an item's own and its wrong ones, but none of a set twice.
 */
export function estimateRun(
  report: ProbeReport,
  { sets, itemsPerSet, settings, shard }: PlanRequest,
): RunEstimate {
  const { nulls, checkpointIds } = settings;
  const images = 1 + (nulls ? MIN_WRONG_IMAGES : 0);
  const planned = sets.reduce((sum, { images: all }) => sum + Math.min(itemsPerSet, all.length), 0);
  const items = ownCount(planned, shard);
  let imageBytes = 0;
  for (const { dataset, images: all } of sets) {
    const own = (Math.min(itemsPerSet, all.length) * items) / Math.max(1, planned);
    imageBytes += Math.min(all.length, own * images) * (report.imageBytes[dataset] ?? 0);
  }
  const records = items * checkpointIds.length;
  return {
    seconds: (records * report.elapsedMs) / 1000,
    storageBytes: records * report.bytesPerRecord + imageBytes,
  };
}
