/** Records that belong together: the same question put to several checkpoints in one run. Pure. */

import type { ItemRecord, RgbImage } from '../core/types.ts';

/** A record with the pixels it was made from. */
export interface SessionRecord {
  readonly record: ItemRecord;
  readonly image: RgbImage | null;
  /** Where it came from: sampled here, recorded and shipped with the page, a file, a stored run over sets. */
  readonly origin: 'live' | 'recorded' | 'imported' | 'stored';
  readonly createdAt: string;
  /** Of a live one: whether all that was asked of it was drawn; its nulls do not count. */
  readonly isWhole?: boolean;
  /** Which run or file brought it: a file that is read twice stays apart. */
  readonly batch: number;
}

/** At least one record, each of another checkpoint. */
export interface RunGroup {
  readonly key: string;
  readonly first: SessionRecord;
  readonly records: readonly SessionRecord[];
}

/**
 * Groups by batch, run id and item id, in the order of first appearance. A second record of the same
 * checkpoint opens a group of its own: nothing is drawn twice and nothing is lost.
 */
export function groupRecords(records: readonly SessionRecord[]): readonly RunGroup[] {
  const groups = new Map<string, [SessionRecord, ...SessionRecord[]]>();
  for (const one of records) {
    const { runId, itemId, answerer } = one.record;
    for (let copy = 0; ; copy += 1) {
      const key = [String(one.batch), runId, itemId, String(copy)].join(' ');
      const group = groups.get(key);
      if (!group) {
        groups.set(key, [one]);
        break;
      }
      const { checkpointId } = answerer;
      if (!group.some(({ record }) => record.answerer.checkpointId === checkpointId)) {
        group.push(one);
        break;
      }
    }
  }
  return [...groups].map(([key, members]) => ({ key, first: members[0], records: members }));
}

/** Changes when a group gets another K: what was computed from its samples is then that of fewer. */
export const samplesKeyOf = ({ key, first }: RunGroup): string =>
  `${key} ${String(first.record.sampler.k)}`;
