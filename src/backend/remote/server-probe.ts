/**
 * About ten answers of 16 tokens to a grey picture. A word that a server takes is not yet one that it
 * minds, so each is shown by what it changes; what nothing showed stays `unknown`, is asked for, and
 * given up when a request is refused for it.
 */

import { NamedError } from '../../protocol/errors.ts';
import type { Capability, ServerCapabilities } from '../../protocol/server.ts';
import { chatOnce, type ChatServer } from './chat-call.ts';
import type { ChatChoice } from './chat-choice.ts';
import type { ReplyFacts } from './chat-reply.ts';
import type { ChatAsk } from './chat-request.ts';
import { imageUrl } from './image-url.ts';
import {
  filterCapability,
  HOT_SAMPLER,
  logProbKindOf,
  no,
  NOT_ASKED,
  PROBE_IMAGE,
  PROBE_SAMPLER,
  PROBE_TEXT,
  refusedFor,
  seedCapability,
  yes,
  type Probed,
} from './probe-asks.ts';
import { withRetries } from './retries.ts';
import { invalidReply, ServerFault } from './server-fault.ts';
import { saysTransformers } from './server-words.ts';

const MOST_LISTED = 20;

/** Words that may be what a server refuses, fewest first. */
const DROPPED: readonly (readonly ('seed' | 'topK' | 'minP')[])[] = [
  ['minP'],
  ['topK'],
  ['topK', 'minP'],
  ['seed'],
  ['seed', 'minP'],
  ['seed', 'topK'],
  ['seed', 'topK', 'minP'],
];

interface Answers {
  readonly choices: readonly ChatChoice[];
  readonly facts: ReplyFacts;
}

const ONE: ChatAsk = { n: 1, seed: null, streams: false, topLogProbs: null };

export class ServerProbe {
  fingerprint: string | null = null;
  private known: ServerCapabilities;

  constructor(
    private readonly server: ChatServer,
    private readonly model: string,
    kind: ServerCapabilities['kind'],
    private readonly signal: AbortSignal,
  ) {
    this.known = {
      kind,
      ...{ n: NOT_ASKED, seed: NOT_ASKED, logProbs: NOT_ASKED, topK: NOT_ASKED, minP: NOT_ASKED },
      ...{ streaming: NOT_ASKED, tokenIds: NOT_ASKED },
      ...{ logProbKind: 'unknown', topLogProbs: 0 },
    };
  }

  async run(): Promise<ServerCapabilities> {
    if (this.known.kind === 'other') await this.askKind();
    const cold = await this.cold();
    const greedy = cold.choices[0]?.text ?? '';
    const first = await this.firstHot();
    // One after the other: a server may keep the seeds of requests apart only so.
    const again = await this.hot(1);
    const other = await this.hot(2);
    const topK = await this.text({ topK: 1 });
    const minP = await this.text({ minP: 0.999 });
    const n = await this.several();
    const streaming = await this.stream();
    const hot = first.answers?.choices[0];
    const texts = [first, again, other].map(({ probed }) => probed) as [Probed, Probed, Probed];
    const { known } = this;
    const hotText = hot?.text ?? null;
    return {
      ...known,
      seed: known.seed.has === 'no' ? known.seed : seedCapability(...texts),
      topK: known.topK.has === 'no' ? known.topK : filterCapability(topK, greedy, hotText),
      minP: known.minP.has === 'no' ? known.minP : filterCapability(minP, greedy, hotText),
      n,
      streaming,
      logProbKind: logProbKindOf(cold.choices[0]?.tokens?.[0], hot?.tokens?.[0]),
    };
  }

  /** A word beyond OpenAI's, for what a server says to it. */
  private async askKind(): Promise<void> {
    const { refusal } = await this.text({ topK: 1 });
    if (refusal !== null && saysTransformers(refusal)) this.note({ kind: 'transformers' });
  }

  /** The first answer, with log-probabilities where the server gives them. */
  private async cold(): Promise<Answers> {
    for (const topLogProbs of [MOST_LISTED, 5, null]) {
      try {
        const answers = await this.ask(PROBE_SAMPLER, { ...ONE, topLogProbs });
        this.learn(answers);
        return answers;
      } catch (thrown) {
        const fault = refusalOf(thrown);
        if (fault === null) throw thrown;
        if (topLogProbs === null) throw this.unanswered(fault);
        this.note({ logProbs: refusedFor(fault.facts.words) });
        // Also a word of ours beyond the standard may be what was refused.
        if (topLogProbs === 5) this.note({ tokenIds: refusedFor(fault.facts.words) });
        else this.note({ logProbs: NOT_ASKED });
      }
    }
    throw new NamedError('Internal', 'A probe has no last try.');
  }

  private learn({ choices, facts }: Answers): void {
    const [choice] = choices;
    if (!choice) throw invalidReply(this.server.address.host, 'no answer');
    this.fingerprint = facts.fingerprint;
    const listed = choice.tokens?.[0]?.top_logprobs?.length ?? 0;
    const isGiven = choice.tokens !== null;
    this.note({
      topLogProbs: listed,
      tokenIds:
        choice.tokenIds === null
          ? no('The server states no token ids.')
          : yes('It stated them for a test question.'),
      ...(this.known.logProbs.has !== 'no' && {
        logProbs: isGiven
          ? yes(`It listed ${String(listed)} alternatives when asked for ${String(MOST_LISTED)}.`)
          : no('The server takes the word and gives none.'),
      }),
    });
  }

  /** A hot answer, without the words that the server refuses. */
  private async firstHot() {
    const start = this.known;
    let first = await this.hot(1);
    for (const names of DROPPED) {
      const { refusal } = first.probed;
      if (refusal === null) return first;
      this.known = start;
      for (const name of names) this.note({ [name]: refusedFor(refusal) });
      first = await this.hot(1);
    }
    if (first.probed.refusal !== null) this.known = start;
    return first;
  }

  private hot(seed: number) {
    const ask = { ...ONE, seed: this.seed(seed), topLogProbs: this.listed };
    return this.probed(HOT_SAMPLER, ask);
  }

  private seed(seed: number): number | null {
    return this.known.seed.has === 'no' ? null : seed;
  }

  private async text(filter: { topK: number } | { minP: number }): Promise<Probed> {
    return (await this.probed({ ...HOT_SAMPLER, ...filter }, { ...ONE, seed: this.seed(1) }))
      .probed;
  }

  private async several(): Promise<Capability> {
    const ask = { ...ONE, n: 2, seed: this.seed(3) };
    const { probed, answers } = await this.probed(HOT_SAMPLER, ask);
    if (probed.refusal !== null) return refusedFor(probed.refusal);
    const [one, two] = answers?.choices ?? [];
    if (!one || !two) return no('Asked for two answers it gave one.');
    return one.text === two.text
      ? no('Asked for two answers at T = 2 it gave the same one twice.')
      : yes('Asked for two answers it gave two different ones.');
  }

  private async stream(): Promise<Capability> {
    const { probed } = await this.probed(PROBE_SAMPLER, { ...ONE, streams: true });
    return probed.refusal === null ? yes('It streamed an answer.') : refusedFor(probed.refusal);
  }

  private get listed(): number | null {
    return this.known.logProbs.has === 'no' ? null : this.known.topLogProbs;
  }

  /** A refusal is a finding, and so is a server that fails at a word or sends no answer. */
  private async probed(
    sampler: typeof PROBE_SAMPLER,
    ask: ChatAsk,
  ): Promise<{ readonly probed: Probed; readonly answers: Answers | null }> {
    try {
      const answers = await this.ask(sampler, ask);
      const text = answers.choices[0]?.text;
      return text === undefined
        ? { probed: { text: null, refusal: 'it sent no answer' }, answers: null }
        : { probed: { text, refusal: null }, answers };
    } catch (thrown) {
      if (!(thrown instanceof ServerFault) || !isFinding(thrown)) throw thrown;
      return { probed: { text: null, refusal: thrown.facts.words }, answers: null };
    }
  }

  private ask(sampler: typeof PROBE_SAMPLER, ask: ChatAsk): Promise<Answers> {
    const url = imageUrl(PROBE_IMAGE);
    const question = { model: this.model, imageUrl: url, promptText: PROBE_TEXT, sampler };
    const { server, signal } = this;
    return withRetries(
      async () => {
        const choices: ChatChoice[] = [];
        const asked = { ...question, capabilities: this.known };
        const onChoice = (choice: ChatChoice): void => void choices.push(choice);
        const facts = await chatOnce(server, asked, ask, { signal, onChoice });
        return { choices, facts };
      },
      signal,
      server.retries,
    );
  }

  private note(facts: Partial<ServerCapabilities>): void {
    this.known = { ...this.known, ...facts };
  }

  private unanswered(fault: ServerFault): NamedError {
    const { words } = fault.facts;
    if (!/image|multi-?modal|vision|mmproj/i.test(words)) return fault;
    return new NamedError(
      'CheckpointUnsupported',
      `${this.model} takes no images on ${this.server.address.host}: it says ${words}`,
    );
  }
}

/** What says something of the words of a request, and not of the way to the server or its load. */
const isFinding = ({ name, facts: { status } }: ServerFault): boolean =>
  name === 'RequestRefused' || name === 'ReplyInvalid' || (status !== null && status >= 500);

const refusalOf = (thrown: unknown): ServerFault | null =>
  thrown instanceof ServerFault && thrown.name === 'RequestRefused' ? thrown : null;
