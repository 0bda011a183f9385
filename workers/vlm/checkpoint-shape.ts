/** What a loaded checkpoint says of itself: its decoder, what a cache takes, how many tokens there are. */

import type * as ort from 'onnxruntime-web/webgpu';
import { NamedError } from '../../src/protocol/errors.ts';
import { cacheNeed } from './kv-cache.ts';
import type { RowNeed } from './memory-plan.ts';
import type { ForwardModel } from './transformers-model.ts';

/** Throws where there is none. */
export function decoderSession(model: ForwardModel): ort.InferenceSession {
  const session = model.sessions['decoder_model_merged'];
  if (!session) {
    throw new NamedError(
      'CheckpointInvalid',
      'The checkpoint has no decoder_model_merged session.',
    );
  }
  return session;
}

/** What its cache takes. Throws where the decoder leaves its heads or their width open. */
export function memoryOf(
  decoder: ort.InferenceSession,
): Pick<RowNeed, 'positionBytes' | 'cacheTensors'> {
  const need = cacheNeed(decoder.inputMetadata);
  if (need !== null) return need;
  throw new NamedError(
    'CheckpointInvalid',
    'The decoder does not say how large its cache is: heads and width must be numbers.',
  );
}

export function vocabularySize(config: Record<string, unknown>): number {
  const textConfig = config['text_config'] as Record<string, unknown> | undefined;
  const size = textConfig?.['vocab_size'] ?? config['vocab_size'];
  if (typeof size !== 'number') {
    throw new NamedError(
      'CheckpointInvalid',
      'config.json does not say how large the vocabulary is.',
    );
  }
  return size;
}
