/**
 * Runs over sets as files: one is written or read at a time, here and not in a view, so that it goes on
 * when the screen is left. Each has a connection to the store of its own: what goes wrong with a file
 * leaves that of the page alone.
 */

import type { RunNaming } from '../core/sets/shard.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { ExportSource, FileStore } from '../storage/export-formats.ts';
import { exportFileName, FILE_KINDS, type ExportFormat } from '../storage/export-names.ts';
import type { RunImport, RunPreview } from '../storage/import-run.ts';
import { blobOf, counted, writePieces, type Piece } from '../storage/pieces.ts';
import type { ChosenFile } from '../storage/save-file.ts';

export type { ExportFormat } from '../storage/export-names.ts';

/** What is written or read. */
export type TransferTask =
  | { readonly kind: 'export'; readonly runId: string; readonly fileName: string }
  | { readonly kind: 'import'; readonly fileName: string };

/** How far it is: records of an export, bytes of an import. */
export interface TransferProgress {
  readonly done: number;
  readonly total: number;
}

/** A run file that asks before it is imported: its run is here already. */
export interface ImportQuestion extends RunPreview {
  readonly file: File;
}

type Ending =
  | { readonly kind: 'saved'; readonly fileName: string; readonly sizeBytes: number }
  | { readonly kind: 'imported'; readonly report: RunImport }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: NamedError };

/** How the last one of its kind ended. */
export type TransferOutcome = Ending & { readonly task: TransferTask };

type Kind = TransferTask['kind'];

export interface TransferPorts {
  readonly openStore: () => Promise<FileStore>;
  readonly makeTableWorker: (name: string) => Worker;
  /** Asks for a place; `null` where the browser has no such dialog. */
  readonly chooseFile: (name: string, type: string) => Promise<ChosenFile | null>;
  readonly download: (fileName: string, file: Blob) => void;
  readonly appVersion: string;
}

interface Job {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
}

export class RunTransfer {
  #task = $state.raw<TransferTask | null>(null);
  #progress = $state.raw<TransferProgress | null>(null);
  /** Apart: what a file brought is still to be read while another one is written. */
  #outcomes = $state.raw<Readonly<Record<Kind, TransferOutcome | null>>>({
    export: null,
    import: null,
  });
  #question = $state.raw<ImportQuestion | null>(null);
  #notRead = $state(0);
  #abort: AbortController | null = null;

  constructor(private readonly ports: TransferPorts) {}

  /** What is going on; `null` when nothing is. */
  get task(): TransferTask | null {
    return this.#task;
  }
  /** `null` before there is something to count. */
  get progress(): TransferProgress | null {
    return this.#progress;
  }
  get exported(): TransferOutcome | null {
    return this.#outcomes.export;
  }
  get imported(): TransferOutcome | null {
    return this.#outcomes.import;
  }
  get question(): ImportQuestion | null {
    return this.#question;
  }
  /** Files of the last choice that were left alone: one is read at a time. */
  get notRead(): number {
    return this.#notRead;
  }
  /** Why no file can be written or read now, a sentence; `null` when one can. */
  get refusal(): string | null {
    return this.#task === null ? null : 'Another file is in work: wait for it, or cancel it.';
  }

  /** To be called while a click is handled: the browser may ask for a place. */
  async export(
    run: RunNaming & { readonly id: string },
    format: ExportFormat,
    figures: ExportSource['figures'],
  ): Promise<void> {
    const fileName = exportFileName(run, format);
    const task: TransferTask = { kind: 'export', runId: run.id, fileName };
    await this.#work(task, async (job) => {
      const { type } = FILE_KINDS[format];
      const { makeTableWorker, appVersion } = this.ports;
      const chosen = await this.ports.chooseFile(fileName, type);
      let sizeBytes = 0;
      const source = { runId: run.id, figures, makeTableWorker, appVersion };
      const pieces = counted(this.#pieces(format, source, job), (bytes) => {
        sizeBytes += bytes;
      });
      if (chosen) await writePieces(pieces, chosen.stream);
      else this.ports.download(fileName, await blobOf(pieces, type));
      return { kind: 'saved', fileName: chosen?.name ?? fileName, sizeBytes };
    });
  }

  /**
   * Imports the first of the files, or asks first when its run is here already.
   *
   * @returns `true` when the store may have changed
   */
  async open(files: readonly File[]): Promise<boolean> {
    const [file] = files;
    if (!file || this.#task !== null) return false;
    this.#question = null;
    this.#notRead = files.length - 1;
    let isRead = false;
    await this.#read(file, async (store, job) => {
      const { previewRun } = await import('../storage/import-run.ts');
      const preview = await previewRun(store, file, readOptions(file, job));
      if (preview.here === null) {
        isRead = true;
        return this.#import(store, file, job);
      }
      this.#question = { ...preview, file };
      return null;
    });
    return isRead;
  }

  /** Imports what was asked about. @returns as `open` */
  async confirm(): Promise<boolean> {
    const { question } = this;
    if (question === null || this.#task !== null) return false;
    this.#question = null;
    await this.#read(question.file, (store, job) => this.#import(store, question.file, job));
    return true;
  }

  /** Stops what is going on, or takes the question back. */
  cancel(): void {
    this.#question = null;
    this.#abort?.abort();
  }

  /** What was said of the last one is read. */
  dismiss(kind: Kind): void {
    this.#end(kind, null);
    if (kind === 'import') this.#notRead = 0;
  }

  #end(kind: Kind, outcome: TransferOutcome | null): void {
    this.#outcomes = { ...this.#outcomes, [kind]: outcome };
  }

  async *#pieces(format: ExportFormat, source: ExportSource, job: Job): AsyncGenerator<Piece> {
    const store = await this.ports.openStore();
    try {
      const { WRITE_PIECES } = await import('../storage/export-formats.ts');
      yield* WRITE_PIECES[format](store, source, job);
    } finally {
      store.close();
    }
  }

  async #import(store: FileStore, file: File, job: Job): Promise<Ending> {
    const { importRun } = await import('../storage/import-run.ts');
    const report = await importRun(store, file, {
      ...readOptions(file, job),
      nameWithout: file.name.replace(/\.jsonl?$/iu, ''),
    });
    return { kind: 'imported', report };
  }

  async #read(
    file: File,
    work: (store: FileStore, job: Job) => Promise<Ending | null>,
  ): Promise<void> {
    await this.#work({ kind: 'import', fileName: file.name }, async (job) => {
      const store = await this.ports.openStore();
      try {
        return await work(store, job);
      } finally {
        store.close();
      }
    });
  }

  /** One at a time. A dialog that is closed without a choice is no news. */
  async #work(task: TransferTask, work: (job: Job) => Promise<Ending | null>): Promise<void> {
    if (this.#task !== null) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#task = task;
    this.#progress = null;
    this.#end(task.kind, null);
    let ending: Ending | null;
    try {
      ending = await work({
        signal: abort.signal,
        onProgress: (progress) => {
          this.#progress = progress;
        },
      });
    } catch (thrown) {
      const error = asNamedError(thrown);
      if (error.name !== 'Cancelled') ending = { kind: 'failed', error };
      else ending = abort.signal.aborted ? { kind: 'stopped' } : null;
    }
    this.#end(task.kind, ending && { task, ...ending });
    this.#task = null;
    this.#progress = null;
    this.#abort = null;
  }
}

function readOptions(file: File, { signal, onProgress }: Job) {
  const onBytes = (done: number): void => {
    onProgress({ done, total: file.size });
  };
  return { signal, onBytes };
}
