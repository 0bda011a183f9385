/**
 * A model that only sees, such as DINOv2 or a ResNet: loaded by transformers.js like any other, with our
 * pixels in front of it and its tokens pooled behind it.
 */

import { AutoImageProcessor, AutoModel } from '@huggingface/transformers';
import type { FeatureTables } from '../../src/core/probe/features.ts';
import type { RgbImage } from '../../src/core/types.ts';
import { isVisionArchitecture, type VisionArchitecture } from '../../src/protocol/architectures.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { PixelConfig } from './preprocess.ts';
import { pixelTensors, type ForwardModel } from './transformers-model.ts';
import { configureLibrary, dtypeWords, type EngineOptions } from './load-options.ts';
import { visionFeatures } from './vision-features.ts';

/** Tokens before those of patches: DINOv2's class token. */
const LEADING_TOKENS: Readonly<Record<VisionArchitecture, number>> = { dinov2: 1, resnet: 0 };

/** Loads a folder of such a model. Throws named errors; nothing stays behind when it fails. */
export async function loadVisionEngine(options: EngineOptions): Promise<VisionEngine> {
  const library = configureLibrary(options);
  const processor = (await AutoImageProcessor.from_pretrained(
    options.address.model,
  )) as unknown as {
    readonly config: PixelConfig;
  };
  const toTensors = pixelTensors(processor.config);
  const model = (await AutoModel.from_pretrained(
    options.address.model,
    library,
  )) as unknown as ForwardModel;
  return new VisionEngine(model, toTensors);
}

export class VisionEngine {
  constructor(
    private readonly model: ForwardModel,
    private readonly toTensors: ReturnType<typeof pixelTensors>,
  ) {}

  get dtype(): string {
    return dtypeWords(this.model);
  }

  async features(images: readonly RgbImage[]): Promise<FeatureTables> {
    const { sessions, config } = this.model;
    const type = String(config['model_type']);
    const session = sessions['model'];
    if (!session || !isVisionArchitecture(type)) {
      throw new NamedError('CheckpointInvalid', `There is no vision model in this ${type}.`);
    }
    const leadingTokens = LEADING_TOKENS[type];
    return visionFeatures(session, images.map(this.toTensors), { leadingTokens });
  }

  async dispose(): Promise<void> {
    await this.model.dispose();
  }
}
