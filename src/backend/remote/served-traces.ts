/** What the server listed where the letters of a run's samples stand, and why it says nothing. */

import { listedTraces, type ListedSample } from '../../core/listed-traces.ts';
import { isMultipleChoice } from '../../core/question.ts';
import type { Sample, SamplerSettings } from '../../core/types.ts';
import type { AnswerDistributionRequest, AnswerEvent } from '../../protocol/vlm.ts';
import type { ChatChoice } from './chat-choice.ts';
import { wholeText } from './chat-sample.ts';
import { listedAnswer } from './drawn-tokens.ts';
import type { FoundCapabilities } from './found-capabilities.ts';
import { noListsReason, policyOfLists } from './list-meaning.ts';

const FREE_FORM =
  'The answers of a free-form question are more than one token, and a server lists what stands beside the tokens that it drew only.';
const NOT_LISTED = 'The server listed nothing beside the tokens of these samples.';
const NO_TAG = 'No sample reached <answer>, so none has a place where its letter stands.';
const NO_PROBABILITIES =
  'What the server lists are no log-probabilities; it may be set to give logits in their place.';

export class ServedTraces {
  private readonly listed: ListedSample[] = [];
  private samples = 0;

  constructor(
    private readonly asked: AnswerDistributionRequest,
    private readonly sampler: SamplerSettings,
    private readonly found: FoundCapabilities,
    private readonly host: string,
  ) {}

  /** Alternatives to ask for with the samples; 0 where they would tell nothing. */
  get alternatives(): number {
    return this.reason === null ? this.found.all.topLogProbs : 0;
  }

  add(sample: Sample, choice: ChatChoice, alternatives: number): void {
    this.samples += 1;
    if (choice.tokens === null || this.reason !== null) return;
    const answer = listedAnswer(choice.tokens, wholeText(choice), alternatives);
    if (answer?.length === sample.tokenTexts.length) this.listed.push({ sample, answer });
  }

  /** Traces of the samples that are there so far. */
  event(): Extract<AnswerEvent, { readonly type: 'traces' }> {
    const missing = (reason: string) => ({ type: 'traces', traces: [], missing: reason }) as const;
    const { policy, reason } = this.meaning;
    if (policy === null) return missing(reason);
    if (this.samples === 0) return { type: 'traces', traces: [] };
    const { question, branchFloor } = this.asked;
    try {
      if (this.listed.length === 0) return missing(NOT_LISTED);
      const traces = listedTraces(this.listed, policy, question, branchFloor);
      return traces.length === 0 ? missing(NO_TAG) : { type: 'traces', traces };
    } catch (thrown) {
      if (thrown instanceof RangeError) return missing(NO_PROBABILITIES);
      throw thrown;
    }
  }

  private get reason(): string | null {
    return this.meaning.reason;
  }

  private get meaning(): ReturnType<typeof policyOfLists> {
    const { all } = this.found;
    const reason = isMultipleChoice(this.asked.question)
      ? noListsReason(all, this.host)
      : FREE_FORM;
    if (reason !== null) return { policy: null, reason };
    return policyOfLists(this.sampler, all.kind, all.logProbKind);
  }
}
