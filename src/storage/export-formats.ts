/** The files that a run over sets can be saved as: what each is called, and who writes it. */

import { shardWords, type RunNaming } from '../core/sets/shard.ts';
import { deleted } from './deleted-run.ts';
import { exportRun, JSONL_TYPE } from './export-run.ts';
import { exportSamples, PARQUET_TYPE } from './export-samples.ts';
import { CSV_TYPE, figuresCsv, type FiguresOfCheckpoint } from './figures-csv.ts';
import { itemsCsv } from './items-csv.ts';
import type { Pieces } from './pieces.ts';
import type { ImportStore } from './run-intake.ts';
import type { RunStore } from './run-store.ts';
import type { ExportOptions, ExportStore } from './run-walk.ts';

export type ExportFormat = 'jsonl' | 'parquet' | 'figures' | 'items';

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

interface FormatRow {
  /** Of the file's name. */
  readonly ending: string;
  /** MIME type. */
  readonly type: string;
  readonly pieces: (store: FileStore, source: ExportSource, options: ExportOptions) => Pieces;
}

export const EXPORT_FORMATS: Readonly<Record<ExportFormat, FormatRow>> = {
  jsonl: {
    ending: '.jsonl',
    type: JSONL_TYPE,
    pieces: (store, { runId, appVersion }, options) =>
      exportRun(store, runId, { ...options, appVersion }),
  },
  parquet: {
    ending: '.parquet',
    type: PARQUET_TYPE,
    pieces: (store, { runId, makeTableWorker }, options) =>
      exportSamples(store, runId, makeTableWorker, options),
  },
  figures: {
    ending: '-figures.csv',
    type: CSV_TYPE,
    pieces: (_store, { figures }, { signal }) => figuresCsv(figures, signal),
  },
  items: {
    ending: '-items.csv',
    type: CSV_TYPE,
    pieces: async function* (store, { runId }, { signal }) {
      if (!(await store.run(runId))) throw deleted();
      yield* itemsCsv(await store.items(runId), await store.entries(runId), signal);
    },
  },
};

const LONGEST_NAME = 60;

/** `Blood, K = 4` as JSONL is `blood-k-4.jsonl`; letters of every script stay, and so does a shard. */
export function exportFileName(run: RunNaming, format: ExportFormat): string {
  const words = run.name
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}]+/gu) ?? ['run'];
  const name = [...words.join('-')].slice(0, LONGEST_NAME).join('').replace(/-$/u, '');
  const part = run.shard ? `-${shardWords(run.shard).replaceAll(' ', '-')}` : '';
  return `${name}${part}${EXPORT_FORMATS[format].ending}`;
}
