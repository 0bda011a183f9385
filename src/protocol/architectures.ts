/**
 * What the engine can run: kinds of model whose logits, and kinds of image processor whose pixels, were
 * held against Python's (test/fixtures/architectures). Another one is refused before its weights are
 * fetched: an architecture that nobody compared may run and answer from wrong pixels.
 */

import { NamedError } from './errors.ts';

/** `model_type` of `config.json`. */
export const ARCHITECTURES = [
  'idefics3',
  'smolvlm',
  'gemma3',
  'qwen2_vl',
  'qwen2_5_vl',
  'qwen3_vl',
  'llava_onevision',
] as const;

/** The same of models that only see: feature extractors without language (test/fixtures/vision). */
export const VISION_ARCHITECTURES = ['dinov2', 'resnet'] as const;

export type VisionArchitecture = (typeof VISION_ARCHITECTURES)[number];

/** What a checkpoint does: answer questions about an image, or give features of it and nothing else. */
export type CheckpointKind = 'vlm' | 'vision';

/** `image_processor_type` of `preprocessor_config.json`, without the name of its implementation. */
export const IMAGE_PROCESSORS = [
  'Idefics3ImageProcessor',
  'SmolVLMImageProcessor',
  'Gemma3ImageProcessor',
  'Qwen2VLImageProcessor',
  'BitImageProcessor',
  'ConvNextImageProcessor',
  'LlavaOnevisionImageProcessor',
] as const;

export type ImageProcessorName = (typeof IMAGE_PROCESSORS)[number];

/**
 * The row of a kind of image processor, whatever its implementation and under its old name too; `null` for an
 * unknown one.
 */
export function imageProcessorName(type: string): ImageProcessorName | null {
  const plain = type.replace(/(Fast|Pil)$/, '').replace(/FeatureExtractor$/, 'ImageProcessor');
  return IMAGE_PROCESSORS.find((name) => name === plain) ?? null;
}

export const runsArchitecture = (type: string): boolean =>
  (ARCHITECTURES as readonly string[]).includes(type);

export const isVisionArchitecture = (type: string): type is VisionArchitecture =>
  (VISION_ARCHITECTURES as readonly string[]).includes(type);

/**
 * What the checkpoint of a `config.json` does. Throws `CheckpointUnsupported` where it is of no kind that the
 * engine knows.
 */
export function requireArchitecture(config: unknown): CheckpointKind {
  const type = textField(config, 'model_type');
  if (runsArchitecture(type)) return 'vlm';
  if (isVisionArchitecture(type)) return 'vision';
  throw new NamedError(
    'CheckpointUnsupported',
    `Its architecture, ${quoted(type)}, is none that this app can run. It runs ${ARCHITECTURES.join(', ')}, and for features alone ${VISION_ARCHITECTURES.join(', ')}. Of its files only the settings were read.`,
  );
}

/**
 * Throws `CheckpointUnsupported` where `preprocessor_config.json` asks for pixels that we cannot make. LLaVA-
 * OneVision exports of others have a vision session that takes one tile; only ours say how many tokens it makes.
 */
export function requireImageProcessor(config: unknown): void {
  const type = textField(config, 'image_processor_type') || textField(config, OLD_PROCESSOR_FIELD);
  const name = imageProcessorName(type);
  if (name === 'LlavaOnevisionImageProcessor' && !hasField(config, 'num_image_tokens')) {
    throw new NamedError(
      'CheckpointUnsupported',
      'This LLaVA-OneVision was exported for one small picture instead of the tiles that it was trained on, which makes it another model. This app runs it as recipes/export writes it. Of its files only the settings were read.',
    );
  }
  if (name !== null) return;
  throw new NamedError(
    'CheckpointUnsupported',
    `Its images are prepared in a way that this app does not know, ${quoted(type)}. It knows ${IMAGE_PROCESSORS.join(', ')}. Of its files only the settings were read.`,
  );
}

/** Where repositories of the time before image processors name theirs. */
const OLD_PROCESSOR_FIELD = 'feature_extractor_type';

const hasField = (json: unknown, name: string): boolean =>
  typeof json === 'object' && json !== null && name in json;

function textField(json: unknown, name: string): string {
  const value =
    typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[name] : null;
  return typeof value === 'string' ? value : '';
}

const quoted = (type: string): string => (type === '' ? 'which is not stated' : `“${type}”`);
