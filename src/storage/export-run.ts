/**
 * A run over sets as a JSONL file, in pieces: the header, the plan (one line per item), the pixels of
 * each image once (of a shard those that its own items show), then the records. Neither text nor records are ever held as a whole, and the page
 * gets its turn between pieces. Format: `public/schema/run.schema.json`.
 */

import { recordSource } from './packed-record.ts';
import type { Piece } from './pieces.ts';
import { headerLine, itemLine, pixelsLine, planLine } from './run-lines.ts';
import { RunWalk, type ExportOptions, type ExportStore } from './run-walk.ts';
import { Slices } from './slices.ts';
import { imagesOf, itemsByDataset, ownItems } from './stored-run.ts';

/** Pieces are at least this long, but the last: a sample alone is too little to hand over. */
const PIECE_CHARACTERS = 2 ** 16;

export interface RunExportOptions extends ExportOptions {
  readonly appVersion: string;
}

/**
 * Pieces of the file's text, any number to a line. The same records give the same bytes.
 *
 * @throws NamedError `Cancelled`, `StorageFailed`, or `RunFileInvalid` when a number is not finite
 */
export async function* exportRun(
  store: ExportStore,
  runId: string,
  options: RunExportOptions,
): AsyncGenerator<Piece> {
  const slices = new Slices('The export', options.signal);
  const walk = await RunWalk.of(store, runId);
  let waiting = '';
  for await (const line of linesOf(walk, options)) {
    for (const piece of line) {
      waiting += piece;
      if (waiting.length >= PIECE_CHARACTERS) {
        yield waiting;
        waiting = '';
      }
      if (slices.isOver) await slices.next();
    }
    slices.check();
  }
  if (waiting !== '') yield waiting;
}

async function* linesOf(
  walk: RunWalk,
  options: RunExportOptions,
): AsyncGenerator<Iterable<string>> {
  const { run } = walk;
  const items = await walk.items();
  yield headerLine({
    runId: run.id,
    createdAt: run.createdAt,
    app: { version: options.appVersion },
    set: { ...run, datasets: itemsByDataset(items), items: items.length, done: walk.total },
  });
  for (const item of items) yield planLine(run.id, item);
  for (const sha256 of new Set(ownItems(items, run.shard).flatMap(imagesOf))) {
    const image = await walk.image(sha256);
    if (image) yield pixelsLine(sha256, image);
  }
  for await (const packed of walk.records(options)) yield itemLine(recordSource(packed), null);
}
