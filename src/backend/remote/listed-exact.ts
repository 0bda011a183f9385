/**
 * Bounds on the answer distribution in direct mode from what a server lists beside the tokens that it
 * draws. The answers are drawn at T = 1 without filters, where every server's log-probabilities are those
 * of the model; the bounds are those of the policy asked for.
 */

import type { AnswerBounds } from '../../core/answer-bounds.ts';
import {
  listedAnswerBounds,
  type AnswerReading,
  type ListedAnswer,
} from '../../core/listed-answers.ts';
import { isMultipleChoice } from '../../core/question.ts';
import type { PolicySettings, Question } from '../../core/types.ts';
import { NamedError } from '../../protocol/errors.ts';
import type {
  ExactEvent,
  ExactProgress,
  ExactReply,
  ExactRequest,
  ExactReweightReply,
  ExactStatus,
} from '../../protocol/vlm.ts';
import type { BackendCalls, ExactAnswers, ExactWish } from '../answer-backend.ts';
import type { ChatServer } from './chat-call.ts';
import type { FoundCapabilities } from './found-capabilities.ts';
import { noListsReason, orderProblem } from './list-meaning.ts';
import { ListedDraws } from './listed-draws.ts';

/** A loaded model and how it is asked. */
export interface ListingServer {
  readonly server: ChatServer;
  readonly model: string;
  readonly found: FoundCapabilities;
  /** Answers that one request may ask for. */
  readonly answersAtOnce: number;
}

/** Draws without anything new after which more are not asked for; the most that are drawn. */
const IDLE_ANSWERS = 16;
const MOST_ANSWERS = 64;
/** Less than rounding. */
const NOTHING = 1e-9;

const THINK =
  'With reasoning the letter stands behind another text in every answer, and a server lists only what stands beside the tokens that it drew: bounds from its lists are for direct mode.';
const CONTINUED =
  'A server does not take the beginning of an answer as given, so it cannot be asked what would follow this text.';

interface Kept {
  readonly name: string;
  readonly answers: readonly ListedAnswer[];
  readonly question: Question;
}

export class ListedExact implements ExactAnswers {
  readonly from = 'lists';
  private kept: Kept | null = null;

  /** @param required throws `NotLoaded` while nothing is loaded; @param host for words */
  constructor(
    private readonly required: () => ListingServer,
    private readonly found: () => FoundCapabilities | null,
    private readonly host: string,
  ) {}

  refusal({ promptMode, isContinued }: ExactWish): string | null {
    if (isContinued) return CONTINUED;
    if (promptMode !== 'direct') return THINK;
    const found = this.found();
    return found && noListsReason(found.all, this.host);
  }

  /** @throws NamedError `RequestRefused` where the server lists none, or what a request failed with */
  async bounds(
    request: ExactRequest,
    { signal, onEvent }: BackendCalls<ExactEvent>,
  ): Promise<ExactReply> {
    if (request.prefix !== null) throw new NamedError('RequestRefused', CONTINUED);
    const asked = this.required();
    this.requireLists(asked.found);
    const { question, sampler, keepAs, epsilon, nodeBudget } = request;
    const draws = new ListedDraws(asked, request, signal);
    const startedAt = performance.now();
    const progress = (): ExactProgress => ({
      bounds: boundsOf(draws.answers, sampler, question),
      listed: {
        reading: readingOf(question),
        alternatives: asked.found.all.topLogProbs,
        answers: draws.answers.length,
        caution: orderProblem(sampler, asked.found.all.kind),
      },
      ...{ passes: draws.requests, nodes: draws.tokens, leaves: draws.texts },
      elapsedMs: performance.now() - startedAt,
    });
    if (keepAs !== undefined) this.kept = { name: keepAs, answers: draws.answers, question };
    let latest = progress();
    let idle = 0;
    const statusNow = (): ExactStatus | null => {
      if (signal.aborted) return 'stopped';
      if (latest.bounds.residual < Math.max(epsilon, NOTHING)) return 'epsilon';
      if (draws.tokens >= nodeBudget) return 'budget';
      return idle >= IDLE_ANSWERS || draws.asked >= MOST_ANSWERS ? 'listed' : null;
    };
    for (;;) {
      const status = statusNow();
      if (status !== null) return { ...latest, status, prefixTokenIds: [] };
      const before = latest.bounds.residual;
      const asksBefore = draws.asked;
      try {
        await draws.more();
      } catch (thrown) {
        if (!signal.aborted) throw thrown;
      }
      this.requireLists(asked.found);
      latest = progress();
      if (before - latest.bounds.residual > NOTHING) idle = 0;
      else idle += draws.asked - asksBefore;
      onEvent({ type: 'bounds', ...latest });
    }
  }

  /** From the lists that were read, without asking again. */
  reweighted(keptAs: string, target: PolicySettings): Promise<ExactReweightReply> {
    const { kept } = this;
    if (kept === null) return Promise.resolve({ bounds: null, reason: 'nothing-computed' });
    if (kept.name !== keptAs) return Promise.resolve({ bounds: null, reason: 'other-run-kept' });
    return Promise.resolve({
      bounds: boundsOf(kept.answers, target, kept.question),
      reason: null,
    });
  }

  forget(): void {
    this.kept = null;
  }

  private requireLists({ all }: FoundCapabilities): void {
    const reason = noListsReason(all, this.host);
    if (reason !== null) throw new NamedError('RequestRefused', reason);
  }
}

/** A free-form answer has no letter: its texts are read as they are. */
const readingOf = (question: Question): AnswerReading =>
  isMultipleChoice(question) ? 'first-letter' : 'whole-text';

function boundsOf(
  answers: readonly ListedAnswer[],
  policy: PolicySettings,
  question: Question,
): AnswerBounds {
  try {
    return listedAnswerBounds(answers, policy, question, readingOf(question));
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new NamedError(
      'ReplyInvalid',
      `What the server lists are no log-probabilities: ${thrown.message} A server may be set to give logits in their place.`,
    );
  }
}
