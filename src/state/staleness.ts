/** Whether the shown result is that of the controls. Pure. */

import { MAX_CHOSEN } from './checkpoint-choice.svelte.ts';
import type { Continuation } from './continuation.ts';
import { isResultOf, type RunItem } from '../evaluation/live-record.ts';
import type { RunGroup } from './run-groups.ts';

/**
 * Why a result is not the one that the controls would give, in a sentence; empty when it is.
 *
 * @param chosen ids of the chosen checkpoints
 * @param isHere whether a checkpoint is in the table: one of a file may not be
 * @param continuation what Run would go on with; `null` when it would begin anew
 */
export function stalenessOf(
  shown: RunGroup,
  item: RunItem,
  chosen: readonly string[],
  isHere: (checkpointId: string) => boolean,
  continuation: Continuation | null,
): string {
  if (continuation !== null) {
    const { more, records } = continuation;
    return `K was raised: press Run to draw ${String(more)} more${records.length > 1 ? ' of each checkpoint' : ''}.`;
  }
  return isResultOf(shown.first.record, item)
    ? otherCheckpoints(shown, chosen, isHere)
    : 'The settings were changed since: press Run for a new result.';
}

/** What the result lacks of the chosen checkpoints, or has beyond them. */
function otherCheckpoints(
  { records }: RunGroup,
  chosen: readonly string[],
  isHere: (checkpointId: string) => boolean,
): string {
  const shown = records.map(({ record }) => record.answerer.checkpointId);
  const missing = chosen.filter((id) => !shown.includes(id));
  if (missing.length > 0) {
    return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in this result yet: press Run.`;
  }
  // A run over sets may have asked more than can be chosen here.
  if (shown.length > MAX_CHOSEN) return '';
  const left = shown.filter((id) => !chosen.includes(id) && isHere(id));
  return left.length === 0
    ? ''
    : `${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} in this result and no longer chosen: press Run for a new one.`;
}
