/**
 * Checkpoints on the hub that are worth having. What is loaded is the commit that `revision` stands for
 * when a person looks a row up, and every record says which one that was (docs/decisions/0019). Sizes and
 * data types are the hub's own, read at look-up.
 */

export interface HubRow {
  readonly repository: string;
  /** A branch, tag or commit. */
  readonly revision: string;
  /** As publicly listed; the repository's own statement is shown beside it. */
  readonly license: string;
  /** Whether its terms have to be read before a download. */
  readonly hasTerms: boolean;
}

const row = (repository: string, license = 'Apache-2.0', hasTerms = false): HubRow => ({
  repository,
  revision: 'main',
  license,
  hasTerms,
});

export const HUB_CHECKPOINTS: readonly HubRow[] = [
  row('HuggingFaceTB/SmolVLM-256M-Instruct'),
  row('HuggingFaceTB/SmolVLM-500M-Instruct'),
  row('onnx-community/Qwen3.5-0.8B-ONNX'),
  row('onnx-community/FastVLM-0.5B-ONNX', 'apple-amlr', true),
  row('onnx-community/Qwen3-VL-2B-Instruct-ONNX'),
  row('onnx-community/Qwen2-VL-2B-Instruct'),
  row('geeek/medgemma-4b-it-ONNX', 'HAI-DEF terms', true),
];
