/**
 * The checkpoints that a person added, as they survive a reload: where the files are and which they are,
 * or which servers answer for them. The weights themselves are kept by the worker (of hubs), or stay
 * where they are (in folders, behind servers). Keys of servers are not here (`server-settings.ts`).
 */

import * as v from 'valibot';
import { manifestSchema } from '../protocol/manifest.ts';
import { readStored, writeStored } from './stored-text.ts';

const placed = {
  /** Short, unique on the page; in addresses and in records. */
  id: v.pipe(v.string(), v.regex(/^[\w.-]{1,120}$/)),
  stage: v.picklist(['base', 'sft', 'rl', 'other']),
  parent: v.nullable(v.string()),
} as const;

const filesSchema = v.object({
  ...placed,
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

const servedSchema = v.object({
  ...placed,
  origin: v.object({
    kind: v.literal('server'),
    /** Addresses as `ServerAddress.baseUrl`: several are replicas of one model. */
    servers: v.pipe(v.array(v.string()), v.minLength(1)),
    /** The model's name in requests. */
    model: v.pipe(v.string(), v.nonEmpty()),
    /** Requests at a time to each server. */
    concurrency: v.union([v.literal('auto'), v.pipe(v.number(), v.integer(), v.minValue(1))]),
  }),
});

const addedSchema = v.union([filesSchema, servedSchema]);

/** One whose weights are files that this browser can read. */
export type AddedFiles = v.InferOutput<typeof filesSchema>;
/** One that servers answer for. */
export type AddedServed = v.InferOutput<typeof servedSchema>;
export type AddedCheckpoint = AddedFiles | AddedServed;
/** Requests to a server at a time. */
export type Concurrency = AddedServed['origin']['concurrency'];
/** Before it has a name on the page. */
export type NewCheckpoint = Omit<AddedFiles, 'id'> | Omit<AddedServed, 'id'>;

export const isServed = (entry: AddedCheckpoint): entry is AddedServed =>
  entry.origin.kind === 'server';

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
