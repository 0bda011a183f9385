/** Who writes the files that a run over sets can be saved as; what they are called is in export-names.ts. */

import { deleted } from './deleted-run.ts';
import type { ExportFormat } from './export-names.ts';
import { exportRun } from './export-run.ts';
import { exportSamples } from './export-samples.ts';
import { figuresCsv, type FiguresOfCheckpoint } from './figures-csv.ts';
import { itemsCsv } from './items-csv.ts';
import type { Pieces } from './pieces.ts';
import type { ImportStore } from './run-intake.ts';
import type { RunStore } from './run-store.ts';
import type { ExportOptions, ExportStore } from './run-walk.ts';

/** What of the store files use. */
export type FileStore = ExportStore & ImportStore & Pick<RunStore, 'entries' | 'close'>;

export interface ExportSource {
  readonly runId: string;
  /** Of every checkpoint that has answered; only for their table. */
  readonly figures: readonly FiguresOfCheckpoint[];
  /** Makes `workers/parquet.worker.ts` under the name that it is given. */
  readonly makeTableWorker: (name: string) => Worker;
  readonly appVersion: string;
}

type WritePieces = (store: FileStore, source: ExportSource, options: ExportOptions) => Pieces;

export const WRITE_PIECES: Readonly<Record<ExportFormat, WritePieces>> = {
  jsonl: (store, { runId, appVersion }, options) =>
    exportRun(store, runId, { ...options, appVersion }),
  parquet: (store, { runId, makeTableWorker }, options) =>
    exportSamples(store, runId, makeTableWorker, options),
  figures: (_store, { figures }, { signal }) => figuresCsv(figures, signal),
  items: async function* (store, { runId }, { signal }) {
    if (!(await store.run(runId))) throw deleted();
    yield* itemsCsv(await store.items(runId), await store.entries(runId), signal);
  },
};
