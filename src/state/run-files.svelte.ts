/** Results as files: the shown one is written, others are read and join those of the session. */

import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { LineProblem } from '../storage/read-run-line.ts';
import { readRunFile, writeRunFile } from '../storage/run-file.ts';
import { groupRecords } from './run-groups.ts';
import type { RunSession } from './run-session.svelte.ts';

export interface ImportReport {
  readonly fileName: string;
  readonly itemCount: number;
  /** One per item and checkpoint. */
  readonly recordCount: number;
  readonly problems: readonly LineProblem[];
}

/** Largest file that is read as a whole. */
const MOST_BYTES = 200e6;

export class RunFiles {
  #error = $state.raw<NamedError | null>(null);
  #report = $state.raw<ImportReport | null>(null);

  constructor(
    private readonly session: RunSession,
    private readonly appVersion: string,
  ) {}

  /** Why the last file was not read. */
  get error(): NamedError | null {
    return this.#error;
  }
  /** What the last file gave. */
  get report(): ImportReport | null {
    return this.#report;
  }

  /** The shown run as JSONL, one line per checkpoint; `null` when there is none. */
  write(): { readonly fileName: string; readonly text: string } | null {
    const { shown } = this.session.results;
    if (!shown) return null;
    const { record, createdAt } = shown.first;
    const header = { runId: record.runId, createdAt, app: { version: this.appVersion } };
    const name = record.itemId.replaceAll('/', '-').slice(0, 60);
    return {
      fileName: `supportlens-${name}-k${record.sampler.k}.jsonl`,
      text: writeRunFile(
        header,
        shown.records.map(({ record: one, image }) => ({ record: one, image })),
      ),
    };
  }

  /**
   * Reads a file of the user's.
   *
   * @param onread is called in the same turn in which its result is shown, so that nobody reads that the
   *   controls are of another one
   */
  async open(file: File, onread: () => void): Promise<void> {
    this.#error = null;
    this.#report = null;
    try {
      if (file.size > MOST_BYTES) {
        throw new NamedError(
          'RunFileInvalid',
          `${file.name} has ${(file.size / 1e6).toFixed(0)} MB: Explore keeps all of a file in memory and takes up to ${MOST_BYTES / 1e6} MB. Import it in Evaluate, and open its items from there.`,
        );
      }
      this.read(await file.text(), file.name, 'imported');
      onread();
    } catch (thrown) {
      this.#error = asNamedError(thrown);
    }
  }

  /**
   * Adds the good lines of a run file and shows the first; broken lines are reported.
   *
   * @throws NamedError when the text is no run file
   */
  read(text: string, fileName: string, origin: 'imported' | 'recorded'): void {
    const { header, items, problems } = readRunFile(text);
    const { createdAt } = header;
    const records = items.map(({ record, image }) => ({ record, image, origin, createdAt }));
    if (origin === 'imported') {
      const itemCount = groupRecords(records.map((one) => ({ ...one, batch: 0 }))).length;
      this.#report = { fileName, itemCount, recordCount: records.length, problems };
    }
    this.session.add(records);
  }
}
