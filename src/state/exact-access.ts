/** Whether the model behind a record can be asked for exact probabilities, and by what. */

import type { ExactAnswers } from '../backend/answer-backend.ts';
import type { ItemRecord, RgbImage } from '../core/types.ts';
import type { ExactRequest } from '../protocol/vlm.ts';
import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { SessionRecord } from './run-groups.ts';

/** `null` comes with the reason, in a sentence. */
export type ExactAccess =
  | { readonly calls: ExactAnswers; readonly image: RgbImage; readonly reason: null }
  | { readonly calls: null; readonly reason: string };

const refused = (reason: string): ExactAccess => ({ calls: null, reason });

/**
 * The probabilities are those of the weights that gave the samples: other ones are refused.
 *
 * @param isContinued whether what follows a given text is to be asked
 */
export function exactAccess(
  { record, image, origin }: SessionRecord,
  checkpoints: CheckpointChoice,
  isContinued = false,
): ExactAccess {
  const { checkpointId, revision } = record.answerer;
  if (origin === 'recorded') {
    return refused('This is a recorded run, without its model: press Run first.');
  }
  if (origin === 'imported') {
    return refused('This result is of a file, without its model: press Run first.');
  }
  const slot = checkpoints.find(checkpointId);
  if (!slot || image === null) return refused(`${checkpointId} is not here: press Run first.`);
  const { exact } = slot.backend;
  if (exact.calls === null) return refused(exact.reason);
  if (slot.answerer?.revision !== revision) {
    return refused(
      origin === 'stored'
        ? `${checkpointId} is not loaded with the weights of the stored run: load it first.`
        : `${checkpointId} is no longer loaded: press Run first.`,
    );
  }
  const reason = exact.calls.refusal({ promptMode: record.promptMode, isContinued });
  return reason === null ? { calls: exact.calls, image, reason } : refused(reason);
}

export interface ExactKnobs {
  /** Ends when the unexplored probability is below it; also the ε of support at ε. */
  readonly epsilon: number;
  /** Prefixes that may be run through the model. */
  readonly nodeBudget: number;
}

/** The same image, prompt and policy as the record's samples. */
export function exactRequest(
  record: ItemRecord,
  image: RgbImage,
  knobs: ExactKnobs,
  prefix: ExactRequest['prefix'] = null,
): ExactRequest {
  const { promptText, question, sampler } = record;
  const { temperature, topK, topP, minP, maxNewTokens } = sampler;
  const policy = { temperature, topK, topP, minP, maxNewTokens };
  return { image, promptText, question, sampler: policy, ...knobs, prefix };
}
