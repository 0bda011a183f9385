/** Evaluate as a whole, as its views are given it. */

import type { DevicePreference } from '../protocol/vlm.ts';
import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { EvaluationDraft } from './evaluation-draft.svelte.ts';
import type { EvaluationJob } from './evaluation-job.svelte.ts';
import { formatEvaluationLink, parseEvaluationLink } from './evaluation-link.ts';
import type { EvaluationProbe } from './evaluation-probe.svelte.ts';
import type { ResultChoice } from './result-choice.svelte.ts';
import type { RunShelf } from './run-shelf.svelte.ts';
import type { ExportFormat, RunTransfer } from './run-transfer.svelte.ts';
import type { SetResults } from './set-results.svelte.ts';

export class Evaluation {
  #device = $state<DevicePreference>('auto');
  #missing = $state<string | null>(null);

  constructor(
    readonly draft: EvaluationDraft,
    readonly probe: EvaluationProbe,
    readonly job: EvaluationJob,
    readonly shelf: RunShelf,
    readonly results: SetResults,
    readonly choice: ResultChoice,
    readonly transfer: RunTransfer,
  ) {}

  get checkpoints(): CheckpointChoice {
    return this.draft.checkpoints;
  }
  /** Id of a run that the address named and that is not in this browser; `null` for none. */
  get missing(): string | null {
    return this.#missing;
  }

  /** The address of what is open. */
  get link(): string {
    return formatEvaluationLink({
      runId: this.results.runId,
      device: this.#device,
      shard: this.draft.shardText,
    });
  }

  /** Opens the run that the address names, or none. */
  async follow(hash: string): Promise<void> {
    const { runId, device, shard } = parseEvaluationLink(hash);
    this.#device = device;
    this.draft.setShard(shard);
    if (!this.shelf.isOpen) await this.shelf.open();
    this.#missing = null;
    if (runId === this.results.runId) return;
    if (runId === null) this.close();
    else if (this.shelf.find(runId)) await this.open(runId);
    else {
      this.close();
      if (this.shelf.isOpen) this.#missing = runId;
    }
  }

  async open(runId: string): Promise<void> {
    this.#missing = null;
    this.choice.beginRun(runId);
    await this.results.open(runId);
  }

  close(): void {
    this.choice.beginRun(null);
    this.results.close();
  }

  /** Reads the list and the open run anew: another tab may have worked on them. */
  async refresh(): Promise<void> {
    await this.shelf.open();
    const { runId } = this.results;
    if (runId !== null && this.shelf.find(runId)) await this.results.open(runId);
    else this.close();
  }

  /** Starts what the controls plan, and opens it. */
  async start(): Promise<void> {
    const request = this.draft.request();
    if (request === null) return;
    await this.job.start(request, this.#device, (runId) => void this.open(runId));
  }

  async measure(): Promise<void> {
    await this.probe.measure(this.#device);
  }

  /** Goes on with a run, which is opened. */
  async resume(runId: string): Promise<void> {
    if (this.results.runId !== runId) await this.open(runId);
    await this.job.resume(runId, this.#device);
  }

  async delete(runId: string): Promise<void> {
    if (this.job.runId === runId) await this.job.settle();
    if (this.results.runId === runId) this.close();
    await this.shelf.delete(runId);
  }

  /** Why the open run cannot be saved so now, a sentence; `null` when it can. */
  exportRefusal(format: ExportFormat): string | null {
    const { transfer, job, results } = this;
    if (transfer.refusal !== null) return transfer.refusal;
    if (format === 'jsonl') return null;
    if (results.run?.done === 0) return 'No item is finished yet.';
    if (format !== 'figures') return null;
    // Else the button would come and go with every record.
    if (job.isBusy && job.runId === results.runId) {
      return 'Figures move while the run goes on: pause it, or wait for its end.';
    }
    const isWhole = !results.isComputing && results.behind === 0;
    return isWhole ? null : 'The intervals are still being drawn.';
  }

  /** Saves the open run; to be called while a click is handled. */
  async export(format: ExportFormat): Promise<void> {
    const { run, figures, itemsOf } = this.results;
    if (run === null || this.exportRefusal(format) !== null) return;
    const withItems = figures.map((one) => ({
      ...one,
      items: itemsOf.get(one.checkpointId) ?? [],
    }));
    await this.transfer.export(run, format, withItems);
  }

  /** Imports a run file, or asks first when its run is here; what came in is opened. */
  async import(files: readonly File[]): Promise<void> {
    await this.#takeIn(() => this.transfer.open(files));
  }

  /** Imports the run file that was asked about. */
  async importAsked(): Promise<void> {
    await this.#takeIn(() => this.transfer.confirm());
  }

  async #takeIn(read: () => Promise<boolean>): Promise<void> {
    const before = this.results.runId;
    // Also what was written before a stop or a failure is there.
    if (!(await read())) return;
    await this.shelf.open();
    const outcome = this.transfer.imported;
    const imported = outcome?.kind === 'imported' ? outcome.report.run.id : null;
    const open = this.results.runId;
    // Whoever opened another run meanwhile looks at that.
    const runId = open === before ? (imported ?? open) : open;
    if (runId !== null) await this.open(runId);
  }
}
