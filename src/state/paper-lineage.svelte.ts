/**
 * The study's own lineage on one server or on three: the base, what SFT made of it, and what RL made of
 * that. The names are those of the published repositories, which servers mostly take over.
 */

import type { Stage } from '../core/types.ts';
import { serverAddress, type ServerAddress } from '../protocol/server.ts';
import type { AddedServed } from '../storage/added-checkpoints.ts';

/** Names on the public hub (arXiv 2603.01301, its model card and released code). */
const STEPS = [
  { stage: 'base', model: 'Qwen/Qwen2.5-VL-7B-Instruct' },
  { stage: 'sft', model: 'OctoMed/OctoMed-7B' },
  { stage: 'rl', model: 'armenjeddi/MedBridgeRL-OctoMed-7B-PMC-VQA-RL' },
] as const satisfies readonly { readonly stage: Stage; readonly model: string }[];

export interface LineageStep {
  readonly stage: Stage;
  /** The model's name in requests, as typed. */
  readonly model: string;
  /** Its server as typed; empty for the ones in the field above. */
  readonly server: string;
}

export class PaperLineage {
  #steps = $state.raw<readonly LineageStep[]>(STEPS.map((step) => ({ ...step, server: '' })));
  #problem = $state<string | null>(null);

  constructor(
    /** The servers that a step without one of its own asks. */
    private readonly usual: () => readonly ServerAddress[],
  ) {}

  /** In the order of training. */
  get steps(): readonly LineageStep[] {
    return this.#steps;
  }
  /** What is wrong with a field, a sentence; `null` where all were taken. */
  get problem(): string | null {
    return this.#problem;
  }

  change(stage: Stage, change: Partial<Pick<LineageStep, 'model' | 'server'>>): void {
    this.#problem = null;
    this.#steps = this.#steps.map((step) => (step.stage === stage ? { ...step, ...change } : step));
  }

  /** Entries in the order of training, their parents still to be named; `null` where a field is wrong. */
  entries(): readonly Omit<AddedServed, 'id'>[] | null {
    const usual = this.usual().map(({ baseUrl }) => baseUrl);
    const entries: Omit<AddedServed, 'id'>[] = [];
    for (const { stage, model, server } of this.#steps) {
      const own = serverAddress(server);
      const servers = server.trim() === '' ? usual : own ? [own.baseUrl] : [];
      if (model.trim() === '' || servers.length === 0) {
        this.#problem =
          model.trim() === ''
            ? 'Each step needs the name of its model.'
            : 'Each step needs a server: its own, or the one in the field above.';
        return null;
      }
      entries.push({
        stage,
        parent: null,
        origin: { kind: 'server', servers, model: model.trim(), concurrency: 'auto' },
      });
    }
    this.#problem = null;
    return entries;
  }
}
