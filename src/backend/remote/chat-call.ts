/** One chat completion: sent through the gate when it is its turn, read to its end, given up when the server is silent. */

import type { ServerAddress } from '../../protocol/server.ts';
import type { ChatChoice } from './chat-choice.ts';
import { readReply, readStream, type ReplyFacts } from './chat-reply.ts';
import { chatBody, type ChatAsk, type ChatQuestion } from './chat-request.ts';
import type { OriginGate } from './origin-gate.ts';
import type { Replicas, Sent } from './replicas.ts';
import type { RetrySettings } from './retries.ts';
import { SilenceWatch, type PatienceMs } from './silence-watch.ts';

/** The way to a server, and how it is treated. */
export interface AskedServer {
  readonly gate: OriginGate;
  /** Its host names all of several. */
  readonly address: ServerAddress;
  readonly patience: PatienceMs;
  readonly retries: RetrySettings;
}

/** A server, or several of one model, with the queue before them. */
export interface ChatServer extends AskedServer {
  readonly replicas: Replicas;
}

export interface ChatCalls {
  readonly signal: AbortSignal;
  /** @param sent the request without its messages */
  readonly onChoice: (choice: ChatChoice, facts: ReplyFacts, sent: string) => void;
}

/** Bytes of a reply around its tokens; of a token with its event; of an alternative to it. */
const FRAME_BYTES = 2 ** 20;
const TOKEN_BYTES = 1024;
const ALTERNATIVE_BYTES = 256;

export function replyLimitBytes(maxNewTokens: number, { n, topLogProbs }: ChatAsk): number {
  const ofToken = TOKEN_BYTES + ALTERNATIVE_BYTES * (topLogProbs ?? 0);
  return FRAME_BYTES + n * maxNewTokens * ofToken;
}

/** @throws NamedError what the gate, the watch or the reader say; answers that ended before were given */
export async function chatOnce(
  server: ChatServer,
  question: ChatQuestion,
  ask: ChatAsk,
  calls: ChatCalls,
): Promise<ReplyFacts> {
  return server.replicas.send(calls.signal, (address) =>
    chatAt(address, server, question, ask, calls),
  );
}

async function chatAt(
  address: ServerAddress,
  { gate, patience }: ChatServer,
  question: ChatQuestion,
  ask: ChatAsk,
  { signal, onChoice }: ChatCalls,
): Promise<Sent<ReplyFacts>> {
  const watch = new SilenceWatch(signal, address, patience);
  const { body, sent } = chatBody(question, ask);
  let answers = 0;
  try {
    const request = { path: 'chat/completions', body, signal: watch.signal };
    const response = await gate.request(address, request);
    if (!ask.streams) watch.sign();
    const result = await (isStream(response) ? readStream : readReply)(response, {
      host: address.host,
      limitBytes: replyLimitBytes(question.sampler.maxNewTokens, ask),
      onSign: () => {
        watch.sign();
      },
      onChoice: (choice, facts) => {
        answers += 1;
        onChoice(choice, facts, sent);
      },
    });
    return { result, work: result.completionTokens ?? answers };
  } catch (thrown) {
    throw gate.unreached(address, watch.meaning(thrown), signal);
  } finally {
    watch.end();
  }
}

/** A server that streams nothing answers a request for a stream with a whole reply. */
const isStream = (response: Response): boolean =>
  response.headers.get('content-type')?.includes('text/event-stream') ?? false;
