/** The files that a run over sets can be saved as: what each is called. Who writes it is in export-formats.ts. */

import { shardWords, type RunNaming } from '../core/sets/shard.ts';

export type ExportFormat = 'jsonl' | 'parquet' | 'figures' | 'items';

export const JSONL_TYPE = 'application/jsonl';
const CSV_TYPE = 'text/csv';

interface FileKind {
  /** Of the file's name. */
  readonly ending: string;
  /** MIME type. */
  readonly type: string;
}

export const FILE_KINDS: Readonly<Record<ExportFormat, FileKind>> = {
  jsonl: { ending: '.jsonl', type: JSONL_TYPE },
  parquet: { ending: '.parquet', type: 'application/vnd.apache.parquet' },
  figures: { ending: '-figures.csv', type: CSV_TYPE },
  items: { ending: '-items.csv', type: CSV_TYPE },
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
  return `${name}${part}${FILE_KINDS[format].ending}`;
}
