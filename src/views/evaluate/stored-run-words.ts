/** What a kept run asks, in a line. Pure. */

import { datasetName } from '../../state/dataset-names.ts';
import type { StoredRun } from './evaluate-types.ts';

/** `tiny-sft, tiny-rl · 6 sets · K = 16 · think`. */
export function planWords({ settings, datasets }: StoredRun): string {
  return [
    settings.checkpointIds.join(', '),
    datasets.length > 2
      ? `${String(datasets.length)} sets`
      : datasets.map(({ dataset }) => datasetName(dataset)).join(', '),
    `K = ${String(settings.sampler.k)}`,
    settings.promptMode,
  ].join(' · ');
}
