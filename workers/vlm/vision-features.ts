/**
 * Features of images: the vision session of a checkpoint run on many images at once, its tokens pooled to
 * one row an image. A session says what it gives: `image_features` lie behind the projector, `tower_mean`
 * and `tower_max` (the built-in family) before it and pooled already, `last_hidden_state` is the output of a
 * model that has no language behind it. A classifier that gives its `logits` alone gives a linear map of its
 * features, so a linear probe learns from them what it would from those: they count as behind a projector.
 */

import { Tensor } from '@huggingface/transformers';
import type * as ort from 'onnxruntime-web/webgpu';
import type { FeatureKind, FeatureMatrix, FeatureTables } from '../../src/core/probe/features.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import { ortTensor } from './decode-step.ts';
import type { LibraryTensors } from './transformers-model.ts';

/** Image tokens as a session gives them: `count` · `tokens` rows of `width`, or channels first. */
interface Tokens {
  readonly values: Float32Array;
  readonly count: number;
  readonly tokens: number;
  readonly width: number;
  readonly channelsFirst: boolean;
}

export interface VisionOptions {
  /** Tokens of `last_hidden_state` before those of patches: a class token. */
  readonly leadingTokens: number;
}

/**
 * @param images inputs of one image each, as its processor makes them
 * @returns a row an image, in their order
 * @throws NamedError `CheckpointInvalid` where the session gives nothing that can be pooled
 */
export async function visionFeatures(
  session: ort.InferenceSession,
  images: readonly LibraryTensors[],
  options: VisionOptions = { leadingTokens: 0 },
): Promise<FeatureTables> {
  const tables: FeatureTables[] = [];
  for (const batch of sameShapes(images)) {
    const output = await session.run(feedsOf(session, batch));
    try {
      tables.push(await pooled(output, batch.length, options));
    } finally {
      for (const tensor of Object.values(output)) tensor.dispose();
    }
  }
  return joined(tables);
}

/** Neighbours whose tensors are equally large can share a run. */
function sameShapes(images: readonly LibraryTensors[]): readonly (readonly LibraryTensors[])[] {
  const batches: LibraryTensors[][] = [];
  let last = '';
  for (const image of images) {
    const shapes = JSON.stringify(
      Object.entries(image).map(([name, value]) => [
        name,
        value.dims as readonly number[] | undefined,
        name === 'image_grid_thw' ? Array.from(value.data as BigInt64Array, Number) : 0,
      ]),
    );
    // A session that puts tiles together does so of one image.
    if (shapes !== last || 'image_layout' in image) batches.push([]);
    batches.at(-1)?.push(image);
    last = shapes;
  }
  return batches;
}

/** The same input under another name. */
const OTHER_NAMES: Readonly<Record<string, string>> = { grid_thw: 'image_grid_thw' };

function feedsOf(
  session: ort.InferenceSession,
  images: readonly LibraryTensors[],
): Record<string, ort.Tensor> {
  return Object.fromEntries(
    session.inputNames.map((name) => {
      const parts = images.flatMap((image) => image[OTHER_NAMES[name] ?? name] ?? []);
      if (parts.length < images.length) {
        throw new NamedError(
          'CheckpointInvalid',
          `The vision session wants ${name}, which its image processor does not make.`,
        );
      }
      return [name, ortTensor(stacked(parts))];
    }),
  );
}

/** One after the other along the first dimension. */
function stacked(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (first === undefined) throw new RangeError('There is no image to encode.');
  if (parts.length === 1) return first;
  const [rows = 1, ...rest] = first.dims;
  const one = first.data as Float32Array;
  const data = new (one.constructor as Float32ArrayConstructor)(one.length * parts.length);
  parts.forEach((part, at) => {
    data.set(part.data as Float32Array, at * one.length);
  });
  return new Tensor(first.type, data, [rows * parts.length, ...rest]);
}

async function pooled(
  output: ort.InferenceSession.OnnxValueMapType,
  count: number,
  { leadingTokens }: VisionOptions,
): Promise<FeatureTables> {
  const found: Partial<Record<FeatureKind, FeatureMatrix>> = {};
  const keep = async (name: string, place: 'tower' | 'projector', leading: number) => {
    const tensor = output[name] as ort.Tensor | undefined;
    if (tensor === undefined) return;
    const tokens = await tokensOf(tensor, count);
    found[`${place}-mean`] = meanOf(tokens, leading);
    found[`${place}-max`] = maxOf(tokens, leading);
  };
  await keep('image_features', 'projector', 0);
  await keep('last_hidden_state', 'tower', leadingTokens);
  const hasTokens = Object.keys(found).length > 0;
  if (!hasTokens && output['logits']) {
    found['projector-mean'] = meanOf(await tokensOf(output['logits'], count), 0);
  }
  const { tower_mean: mean, tower_max: max } = output as Record<string, ort.Tensor | undefined>;
  // An image in several tiles has a row of each.
  if (mean) found['tower-mean'] = meanOf(await tokensOf(mean, count), 0);
  if (max) found['tower-max'] = maxOf(await tokensOf(max, count), 0);
  if (Object.keys(found).length > 0) return found;
  throw new NamedError(
    'CheckpointInvalid',
    `The vision session gives ${Object.keys(output).join(', ')}, of which nothing is known to be features.`,
  );
}

async function tokensOf(tensor: ort.Tensor, count: number): Promise<Tokens> {
  const { dims } = tensor;
  const data: unknown = await tensor.getData();
  const values = data instanceof Float32Array ? data : widened(data);
  const channelsFirst = dims.length === 4;
  const width = (channelsFirst ? dims[1] : dims.at(-1)) ?? 0;
  const tokens = values.length / (count * width);
  if (width > 0 && Number.isInteger(tokens) && tokens > 0) {
    return { values, count, tokens, width, channelsFirst };
  }
  throw new NamedError(
    'CheckpointInvalid',
    `The vision session gives an output of ${dims.join(' × ')} for ${String(count)} images.`,
  );
}

/** Half precision as numbers; where the browser has no such arrays they come as bare bits. */
function widened(data: unknown): Float32Array {
  const isNumbers = ArrayBuffer.isView(data) && data.constructor.name.startsWith('Float');
  if (isNumbers) return Float32Array.from(data as unknown as ArrayLike<number>);
  throw new NamedError(
    'CheckpointInvalid',
    'This browser cannot read the half-precision numbers that the vision session gives: load another data type.',
  );
}

function meanOf(tokens: Tokens, leading: number): FeatureMatrix {
  return pool(tokens, leading, (sum, value) => sum + value, 1 / (tokens.tokens - leading));
}

function maxOf(tokens: Tokens, leading: number): FeatureMatrix {
  return pool(
    tokens,
    leading,
    (most, value) => (value > most || Number.isNaN(value) ? value : most),
    1,
  );
}

/** NaN stays NaN: the probe names it. */
function pool(
  { values, count, tokens, width, channelsFirst }: Tokens,
  leading: number,
  join: (kept: number, value: number) => number,
  factor: number,
): FeatureMatrix {
  const pooledValues = new Float32Array(count * width);
  const [tokenStep, featureStep] = channelsFirst ? [1, tokens] : [width, 1];
  for (let image = 0; image < count; image += 1) {
    for (let feature = 0; feature < width; feature += 1) {
      const start = image * tokens * width + feature * featureStep;
      let kept = values[start + leading * tokenStep] ?? NaN;
      for (let token = leading + 1; token < tokens; token += 1) {
        kept = join(kept, values[start + token * tokenStep] ?? NaN);
      }
      pooledValues[image * width + feature] = kept * factor;
    }
  }
  return { rows: count, width, values: pooledValues };
}

/** Rows of several tables under each other. */
function joined(tables: readonly FeatureTables[]): FeatureTables {
  const [first] = tables;
  if (first === undefined || tables.length === 1) return first ?? {};
  return Object.fromEntries(
    (Object.keys(first) as FeatureKind[]).map((kind) => {
      const parts = tables.flatMap((table) => table[kind] ?? []);
      const width = parts[0]?.width ?? 0;
      const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
      let at = 0;
      for (const part of parts) {
        values.set(part.values, at);
        at += part.values.length;
      }
      return [kind, { rows: values.length / width, width, values }];
    }),
  );
}
