/**
 * Shards of one run, and other files of it, as one run file: the plan, the pixels and the records in the order
 * of the run that nobody had sharded. Records are read and written one at a time.
 */

import { ownCount, ownPlaces, type Shard } from '../../core/sets/shard.ts';
import { NamedError } from '../../protocol/errors.ts';
import { headerLine, itemLine, pixelsLine, planLine, settingsInOrder } from '../run-lines.ts';
import { imagesOf } from '../stored-run.ts';
import { lineAt, type MergeFile } from './merge-file.ts';
import { MergeIndex, type MergeProblem } from './merge-index.ts';
import { sha256Of } from './merge-plan.ts';

/** Records that no file has. */
export interface MissingPart {
  /** `null` where the files are not shards of one number. */
  readonly shard: Shard | null;
  readonly missing: number;
  readonly total: number;
}

export interface MergeReport {
  readonly runId: string;
  readonly name: string;
  /** Records that are there, of how many. */
  readonly done: number;
  readonly total: number;
  readonly repeated: number;
  readonly missing: readonly MissingPart[];
  readonly problems: readonly MergeProblem[];
}

export interface MergedRun {
  readonly report: MergeReport;
  /** The file's text, any number of pieces to a line; reads the files again. */
  readonly pieces: () => AsyncGenerator<string>;
}

/**
 * @throws NamedError `RunFileInvalid` where a file is none of the run of the first, is broken in its header or
 *   plan, or answers an item otherwise than another
 */
export async function mergeRuns(files: readonly MergeFile[]): Promise<MergedRun> {
  const index = new MergeIndex();
  for (const file of files) await index.read(file);
  const [first] = index.headers;
  if (!first) throw new NamedError('RunFileInvalid', 'There is no file to merge.');
  const { name, settings } = first.set;
  const asked = JSON.stringify([name, settingsInOrder(settings), await index.plan.digest()]);
  // The same plan is the same run: with one more shard it is the same run with more records.
  const runId = (await sha256Of(asked)).slice(0, 32);
  const done = settings.checkpointIds.reduce(
    (sum, id) => sum + (index.records.get(id)?.size ?? 0),
    0,
  );
  return {
    report: {
      ...{ runId, name, done },
      total: first.set.items * settings.checkpointIds.length,
      repeated: index.repeated,
      missing: missingParts(index, first.set.items, settings.checkpointIds),
      problems: index.problems,
    },
    pieces: () => piecesOf(index, runId, done),
  };
}

async function* piecesOf(
  { headers, plan, images, records }: MergeIndex,
  runId: string,
  done: number,
): AsyncGenerator<string> {
  const [first] = headers;
  if (!first) return;
  const { name, settings, datasets, items } = first.set;
  const times = headers.map(({ createdAt }) => createdAt);
  const createdAt = times.reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a));
  yield* headerLine({
    runId,
    createdAt,
    app: first.app,
    set: { name, settings, datasets, items, done },
  });
  const shown = new Set<string>();
  for (const span of plan.lines) {
    const { item } = await lineAt(span, 'plan');
    for (const sha256 of imagesOf(item)) shown.add(sha256);
    yield* planLine(runId, item);
  }
  for (const sha256 of shown) {
    const span = images.get(sha256);
    const image = span && (await lineAt(span, 'pixels', 'item')).image;
    if (image) yield* pixelsLine(sha256, image);
  }
  for (const checkpointId of settings.checkpointIds) {
    const own = [...(records.get(checkpointId) ?? [])].sort(([a], [b]) => a - b);
    for (const [, span] of own) {
      const { record } = await lineAt(span, 'item');
      yield* itemLine({ ...record, runId }, null);
    }
  }
}

/** By shard, where all shards are of one number; else of the whole. */
function missingParts(
  { headers, records }: MergeIndex,
  items: number,
  checkpointIds: readonly string[],
): readonly MissingPart[] {
  const counts = new Set(headers.flatMap(({ set: { shard } }) => (shard ? [shard.of] : [])));
  const [of = 1] = counts.size === 1 ? counts : [];
  return Array.from({ length: of }, (_, at) => ({ number: at + 1, of })).flatMap((shard) => {
    const total = ownCount(items, shard) * checkpointIds.length;
    let missing = total;
    for (const id of checkpointIds) {
      const own = records.get(id);
      for (const place of ownPlaces(items, shard)) if (own?.has(place)) missing -= 1;
    }
    return missing === 0 ? [] : [{ shard: of === 1 ? null : shard, missing, total }];
  });
}
