/** What every chart's caption must state, and its one line of words. */
import type { BoundsName } from '../core/bounds-words.ts';
import { AS_SERVED, type Answerer, type SamplerSettings } from '../core/types.ts';

/** What a picture is of. */
export interface ChartFacts {
  /** In short, beneath the picture: as `factsLine` says it; empty where other words say it. */
  readonly line: string;
  /** In full, a line each, for a file that leaves the page; what `line` says is in them. */
  readonly full: readonly string[];
  /** What a file's name begins with, e.g. `bloodmnist/test/12`. */
  readonly name: string;
  /** The nulls in words, for the charts that draw them; empty without. */
  readonly nulls?: string;
  /** Why exact bounds are there and not drawn; empty when there is nothing to say. */
  readonly exact?: string;
  /** What bounds that are drawn are called; `exact` unless it says otherwise. */
  readonly boundsName?: BoundsName;
}

export interface RunFacts {
  /** Samples behind the picture, per checkpoint; one number when all are alike. */
  readonly samples: readonly number[];
  /** Of a run over sets: items behind the picture, per checkpoint. They are its n. */
  readonly items?: readonly number[];
  readonly sampler: SamplerSettings | null;
  readonly promptMode: string | null;
  readonly checkpoints: readonly string[];
  readonly devices: readonly string[];
}

/**
 * `n = 64, K = 64, T 1, seed 7 · think · tiny-sft · wasm`; n counts samples of one item, or the items:
 * `n = 40 items, K = 16, …`.
 */
export function factsLine(facts: RunFacts): string {
  const counts = [...new Set(facts.items ?? facts.samples)];
  const n = `n = ${counts.length === 0 ? '0' : counts.join(' / ')}`;
  return [
    [
      facts.items ? `${n} ${counts.join() === '1' ? 'item' : 'items'}` : n,
      facts.sampler ? samplerWords(facts.sampler) : '',
    ]
      .filter((part) => part !== '')
      .join(', '),
    facts.promptMode,
    [...new Set(facts.checkpoints)].join(', '),
    [...new Set(facts.devices)].join(', '),
  ]
    .filter((part) => part !== null && part !== '')
    .join(' · ');
}

/** Only the filters that are on. */
export function samplerWords(sampler: SamplerSettings): string {
  return [
    `K = ${String(sampler.k)}`,
    `T ${String(sampler.temperature)}`,
    sampler.topP < 1 ? `top-p ${String(sampler.topP)}` : null,
    sampler.topK > 0 ? `top-k ${String(sampler.topK)}` : null,
    sampler.minP > 0 ? `min-p ${String(sampler.minP)}` : null,
    `seed ${String(sampler.seed)}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** Which weights: `tiny-sft 3fcfc21, q4`; of the data types that of the decoder. Behind a server: `qwen, as served`. */
export function checkpointWords({
  checkpointId,
  revision,
  dtype,
}: Pick<Answerer, 'checkpointId' | 'revision' | 'dtype'>): string {
  if (dtype === AS_SERVED) return `${checkpointId}, ${dtype}`;
  const decoder = /decoder_model_merged (\S+?)(?:,|$)/.exec(dtype)?.[1] ?? dtype;
  return `${checkpointId} ${revision.slice(0, 7)}, ${decoder}`;
}
