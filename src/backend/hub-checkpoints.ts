/**
 * Checkpoints on the hub that are worth having. What is loaded is the commit that `revision` stands for
 * when a person looks a row up, and every record says which one that was (docs/decisions/0019). Sizes and
 * data types are the hub's own, read at look-up.
 */

import type { Stage } from '../core/types.ts';
import { isVisionArchitecture, runsArchitecture } from '../protocol/architectures.ts';

export interface HubRow {
  readonly repository: string;
  /** A branch, tag or commit. */
  readonly revision: string;
  /** `model_type` of its `config.json`, as publicly listed. */
  readonly architecture: string;
  /** As publicly listed; the repository's own statement is shown beside it. */
  readonly license: string;
  /** Whether its terms have to be read before a download. */
  readonly hasTerms: boolean;
  /** Where it stands before anybody's post-training on top of it; a person can say otherwise. */
  readonly stage: Stage;
}

const row = (
  repository: string,
  architecture: string,
  license = 'Apache-2.0',
  hasTerms = false,
): HubRow => ({
  repository,
  revision: 'main',
  architecture,
  license,
  hasTerms,
  stage: isVisionArchitecture(architecture) ? 'other' : 'base',
});

const TABLE: readonly HubRow[] = [
  row('HuggingFaceTB/SmolVLM-256M-Instruct', 'idefics3'),
  row('HuggingFaceTB/SmolVLM-500M-Instruct', 'idefics3'),
  row('onnx-community/Qwen3.5-0.8B-ONNX', 'qwen3_5'),
  row('onnx-community/FastVLM-0.5B-ONNX', 'llava_qwen2', 'apple-amlr', true),
  row('onnx-community/Qwen3-VL-2B-Instruct-ONNX', 'qwen3_vl'),
  row('onnx-community/Qwen2-VL-2B-Instruct', 'qwen2_vl'),
  row('geeek/medgemma-4b-it-ONNX', 'gemma3', 'HAI-DEF terms', true),
  row('Xenova/dinov2-small', 'dinov2'),
  row('Xenova/resnet-18', 'resnet'),
];

/** A row whose architecture the engine does not run yet is not offered: its look-up would be refused. */
export const HUB_CHECKPOINTS: readonly HubRow[] = TABLE.filter(
  ({ architecture }) => runsArchitecture(architecture) || isVisionArchitecture(architecture),
);
