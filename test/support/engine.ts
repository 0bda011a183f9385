/** The real engine on the page's own thread, for tests that look below the worker. */

import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import type { DrawnSample, SamplerSettings } from '../../src/core/types.ts';
import { ProgressMeter } from '../../workers/vlm/checkpoint-files.ts';
import type { Prefill, VlmEngine } from '../../workers/vlm/engine.ts';
import { loadVlm, type Loaded } from '../../workers/vlm/load.ts';
import { sampleTree, type SamplingCost } from '../../workers/vlm/sampler.ts';
import type { StoredItem } from './fixtures.ts';

const FP32 = { vision_encoder: 'fp32', embed_tokens: 'fp32', decoder_model_merged: 'fp32' };

export const OPEN_SAMPLER: SamplerSettings = {
  k: 16,
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  maxNewTokens: 64,
  seed: 7,
};

/** `tiny-sft` on wasm, in its shipped data types or in fp32. */
export async function loadTinySft(dtype: 'shipped' | 'fp32' = 'shipped'): Promise<Loaded> {
  const row = BUILT_IN_CHECKPOINTS.find(({ id }) => id === 'tiny-sft');
  if (!row) throw new Error('tiny-sft is not in the table.');
  const request = {
    source: { kind: 'folder', modelsUrl: new URL('/models/', location.href).href },
    checkpointId: row.id,
    dtype: dtype === 'fp32' ? FP32 : row.dtype,
    device: 'wasm',
  } as const;
  return loadVlm(request, new ProgressMeter(() => undefined), new AbortController().signal);
}

export interface Drawn {
  readonly samples: readonly DrawnSample[];
  /** Per sample: distance of each draw to any other outcome. */
  readonly margins: ReadonlyMap<number, readonly number[]>;
  readonly cost: SamplingCost;
}

/** Samples one stored item from a prefill. */
export async function drawSamples(
  engine: VlmEngine,
  prefill: Prefill,
  item: Pick<StoredItem, 'name' | 'image' | 'userPrompt'>,
  sampler: SamplerSettings,
  merge = true,
): Promise<Drawn> {
  const samples: DrawnSample[] = [];
  const margins = new Map<number, readonly number[]>();
  const cost = await sampleTree(
    engine,
    prefill,
    {
      image: item.image,
      promptText: item.userPrompt,
      itemId: item.name,
      sampler,
      greedy: false,
      firstIndex: 0,
    },
    {
      maxRows: 256,
      merge,
      onStep: () => Promise.resolve(),
      onSample: (sample, distances) => {
        samples.push(sample);
        margins.set(sample.index, distances);
      },
    },
  );
  samples.sort((a, b) => a.index - b.index);
  return { samples, margins, cost };
}
