/** The sampler's knobs as they stand in the controls. */

import type { SamplerSettings } from '../core/types.ts';
import { validateSampler, type FieldProblem } from '../core/validate.ts';

export const DEFAULT_SAMPLER: SamplerSettings = {
  k: 16,
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  maxNewTokens: 96,
  seed: 7,
};

/** The study's sampler (`1-science.md`), without its token limit. */
const PAPER_SAMPLER = { k: 16, temperature: 0.7, topP: 0.9, topK: 0, minP: 0 } as const;

const PAPER_TOKENS = 2048;

export class SamplerDraft {
  #settings = $state.raw<SamplerSettings>(DEFAULT_SAMPLER);

  readonly problems = $derived.by<readonly FieldProblem[]>(() => validateSampler(this.#settings));

  get settings(): SamplerSettings {
    return this.#settings;
  }

  change(change: Partial<SamplerSettings>): void {
    this.#settings = { ...this.#settings, ...change };
  }

  /** The study's; its token limit only for models behind servers: the small checkpoints need another. */
  usePaper({ isServed }: { readonly isServed: boolean }): void {
    this.change({ ...PAPER_SAMPLER, ...(isServed && { maxNewTokens: PAPER_TOKENS }) });
  }

  reset(): void {
    this.change(DEFAULT_SAMPLER);
  }
}
