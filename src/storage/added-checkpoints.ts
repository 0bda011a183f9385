/**
 * The checkpoints that a person added, as they survive a reload: where the files are, and which they are.
 * The weights themselves are kept by the worker (of hubs), or stay where they are (in folders).
 */

import * as v from 'valibot';
import { manifestSchema } from '../protocol/manifest.ts';
import { readStored, writeStored } from './stored-text.ts';

const addedSchema = v.object({
  /** Short, unique on the page; in addresses and in records. */
  id: v.pipe(v.string(), v.regex(/^[\w.-]{1,120}$/)),
  stage: v.picklist(['base', 'sft', 'rl', 'other']),
  parent: v.nullable(v.string()),
  dtype: v.string(),
  /** In words. */
  license: v.string(),
  /** Files of that data type. Of a hub its revision is the commit; of a folder it is empty until a load. */
  manifest: manifestSchema,
  origin: v.variant('kind', [
    v.object({ kind: v.literal('hub'), endpoint: v.string(), repository: v.string() }),
    v.object({ kind: v.literal('folder'), folder: v.string() }),
  ]),
});

export type AddedCheckpoint = v.InferOutput<typeof addedSchema>;

const KEY = 'supportlens-checkpoints';

/** Those that can be read, in the order in which they were added. */
export function readAdded(storage: Storage): readonly AddedCheckpoint[] {
  const list = readStored(storage, KEY);
  if (!Array.isArray(list)) return [];
  const seen = new Set<string>();
  return (list as unknown[]).flatMap((one) => {
    const parsed = v.safeParse(addedSchema, one);
    if (!parsed.success || seen.has(parsed.output.id)) return [];
    seen.add(parsed.output.id);
    return [parsed.output];
  });
}

/** `false` where the browser did not keep it: the list then lasts as long as the page. */
export const writeAdded = (storage: Storage, list: readonly AddedCheckpoint[]): boolean =>
  writeStored(storage, KEY, list.length === 0 ? null : list);
