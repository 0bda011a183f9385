/** The records of a stored run in the order of its files: checkpoint by checkpoint, place by place. */

import type { RgbImage } from '../core/types.ts';
import { NamedError } from '../protocol/errors.ts';
import type { PackedRecord } from './packed-record.ts';
import { deleted } from './deleted-run.ts';
import type { RunStore } from './run-store.ts';
import type { RecordPlace, StoredItem, StoredRun } from './stored-run.ts';

/** What of the store an export reads. */
export type ExportStore = Pick<RunStore, 'run' | 'items' | 'finished' | 'packedRecord' | 'image'>;

export interface ExportOptions {
  readonly signal?: AbortSignal;
  /** After each record. */
  readonly onProgress?: (progress: ExportProgress) => void;
}

export interface ExportProgress {
  /** Records that are written, and to write in all. */
  readonly done: number;
  readonly total: number;
}

/** A run as it was when the walk began: records that are finished later are not of it. */
export class RunWalk {
  private constructor(
    private readonly store: ExportStore,
    readonly run: StoredRun,
    private readonly places: readonly RecordPlace[],
  ) {}

  /** @throws NamedError `StorageFailed` when the run is not there */
  static async of(store: ExportStore, runId: string): Promise<RunWalk> {
    const run = await store.run(runId);
    if (!run) throw new NamedError('StorageFailed', 'The run is not there any more.');
    const places: RecordPlace[] = [];
    for (const checkpointId of run.settings.checkpointIds) {
      const finished = await store.finished(runId, checkpointId);
      for (const place of [...finished].sort((a, b) => a - b)) {
        places.push({ runId, checkpointId, place });
      }
    }
    return new RunWalk(store, run, places);
  }

  items(): Promise<readonly StoredItem[]> {
    return this.store.items(this.run.id);
  }

  /** Number of records. */
  get total(): number {
    return this.places.length;
  }

  /** @throws NamedError `StorageFailed` when the run is deleted meanwhile */
  async *records({ onProgress }: ExportOptions): AsyncGenerator<PackedRecord> {
    const { total } = this;
    for (const [done, at] of this.places.entries()) {
      onProgress?.({ done, total });
      const packed = await this.store.packedRecord(at);
      if (!packed) throw deleted();
      yield packed;
    }
    onProgress?.({ done: total, total });
  }

  image(sha256: string): Promise<RgbImage | null> {
    return this.store.image(sha256);
  }
}
