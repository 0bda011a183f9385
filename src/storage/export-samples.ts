/**
 * The samples of a run as a Parquet file, in pieces. The page reads records and lays out their rows; a
 * worker of its own encodes them and ends with the export.
 */

import { createWorkerLink } from '../backend/worker-link.ts';
import type { TableRows, TableService } from '../protocol/table.ts';
import { recordSource } from './packed-record.ts';
import type { Piece } from './pieces.ts';
import { RunWalk, type ExportOptions, type ExportStore } from './run-walk.ts';
import { SAMPLE_COLUMNS, sampleRows } from './sample-table.ts';
import { RUN_NOTICE } from './set-file-schema.ts';
import { Slices } from './slices.ts';

/** Rows handed to the worker in one message. */
const ROWS_AT_ONCE = 512;

/** Names the meaning of the columns in the file's metadata. */
export const SAMPLES_FORMAT = 'supportlens-run-samples';
export const SAMPLES_FORMAT_VERSION = 1;

/**
 * @param makeWorker makes `workers/parquet.worker.ts` under the name that it is given
 * @throws NamedError `Cancelled`, `StorageFailed`, or `WorkerDied` when the worker ends early
 */
export async function* exportSamples(
  store: ExportStore,
  runId: string,
  makeWorker: (name: string) => Worker,
  options: ExportOptions = {},
): AsyncGenerator<Piece> {
  const link = createWorkerLink<TableService>(makeWorker);
  try {
    yield* writeSamples(
      store,
      runId,
      {
        begin: (format) => link.call((service) => service.begin(format)),
        add: (rows) => link.call((service) => service.add(rows)),
        finish: () => link.call((service) => service.finish()),
      },
      options,
    );
  } finally {
    link.terminate();
  }
}

/** The same with a writer that is there already. */
export async function* writeSamples(
  store: ExportStore,
  runId: string,
  table: TableService,
  options: ExportOptions,
): AsyncGenerator<Piece> {
  const slices = new Slices('The export', options.signal);
  const walk = await RunWalk.of(store, runId);
  const { name, createdAt } = walk.run;
  yield* filled(
    await table.begin({
      columns: SAMPLE_COLUMNS,
      metadata: {
        format: SAMPLES_FORMAT,
        formatVersion: String(SAMPLES_FORMAT_VERSION),
        run: JSON.stringify({ runId, name, createdAt }),
        notice: RUN_NOTICE,
      },
    }),
  );
  let [waiting, count]: [TableRows[], number] = [[], 0];
  for await (const packed of walk.records(options)) {
    for (const rows of sampleRows(recordSource(packed))) {
      waiting.push(rows);
      count += rows.count;
      if (count >= ROWS_AT_ONCE) {
        yield* filled(await table.add(waiting));
        [waiting, count] = [[], 0];
      }
      if (slices.isOver) await slices.next();
    }
    slices.check();
  }
  yield* filled(await table.add(waiting));
  yield* filled(await table.finish());
}

const filled = (bytes: Uint8Array<ArrayBuffer>): readonly Piece[] =>
  bytes.length === 0 ? [] : [bytes];
