/**
 * Reads what a server sends for a chat completion. Answers are given out as each ends, so that a cut
 * costs only those that had not; what is no answer has a named error; and no more is read than the
 * request can have asked for.
 */

import { createParser } from 'eventsource-parser';
import * as v from 'valibot';
import { ServerFault, invalidReply } from './server-fault.ts';
import { GrowingChoice, choicesOf, type ChatChoice } from './chat-choice.ts';
import { eventSchema, replySchema, type EventBody } from './chat-schema.ts';

export interface ReplyFacts {
  readonly id: string | null;
  readonly fingerprint: string | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

export interface ReadCalls {
  /** Host and port, for errors. */
  readonly host: string;
  /** Largest body that is read, bytes. */
  readonly limitBytes: number;
  /** Something came: bytes of a whole reply, an event of a stream. */
  readonly onSign: () => void;
  /** Called once for each answer, when it is complete. */
  readonly onChoice: (choice: ChatChoice, facts: ReplyFacts) => void;
}

const NO_FACTS: ReplyFacts = {
  id: null,
  fingerprint: null,
  promptTokens: null,
  completionTokens: null,
};

/** @throws ServerFault when it is no reply, or too large */
export async function readReply(response: Response, calls: ReadCalls): Promise<ReplyFacts> {
  let text = '';
  for await (const piece of piecesOf(response, calls)) {
    calls.onSign();
    text += piece;
  }
  const reply = v.safeParse(replySchema, parsed(text, calls.host));
  if (!reply.success) throw invalidReply(calls.host, 'something that is no chat completion');
  const facts = added(NO_FACTS, reply.output);
  for (const choice of choicesOf(reply.output)) calls.onChoice(choice, facts);
  return facts;
}

/**
 * A stream that ends before its answers do is no error here: the caller knows which ones it has.
 *
 * @throws ServerFault when it is no stream of chat completions, or too large
 */
export async function readStream(response: Response, calls: ReadCalls): Promise<ReplyFacts> {
  const growing = new Map<number, GrowingChoice>();
  const ended = new Set<number>();
  let facts = NO_FACTS;
  let isOver = false;
  const take = (event: EventBody): void => {
    if (event.error !== undefined) throw failedInStream(calls.host);
    facts = added(facts, event);
    for (const { index, delta, ...part } of event.choices) {
      if (ended.has(index)) continue;
      const choice = growing.get(index) ?? new GrowingChoice(index);
      growing.set(index, choice);
      const whole = choice.add(part, delta);
      if (whole === null) continue;
      ended.add(index);
      growing.delete(index);
      calls.onChoice(whole, facts);
    }
  };
  const parser = createParser({
    onEvent: ({ data }) => {
      calls.onSign();
      if (data === '[DONE]') isOver = true;
      if (isOver) return;
      const event = v.safeParse(eventSchema, parsed(data, calls.host));
      if (!event.success) throw invalidReply(calls.host, 'an event that is no part of an answer');
      take(event.output);
    },
  });
  for await (const piece of piecesOf(response, calls)) parser.feed(piece);
  return facts;
}

/** A body as text, no more than the limit of it. */
async function* piecesOf(response: Response, { host, limitBytes }: ReadCalls) {
  const reader = response.body?.getReader();
  if (!reader) throw invalidReply(host, 'nothing');
  const decoder = new TextDecoder();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      if (bytes > limitBytes) throw tooLarge(host, limitBytes);
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    // Also when the reader of the pieces threw: the server shall stop as well.
    await reader.cancel().catch(() => undefined);
  }
}

function parsed(text: string, host: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidReply(host, 'something that is no JSON');
  }
}

function added(
  facts: ReplyFacts,
  { id, system_fingerprint, usage }: Omit<EventBody, 'choices'>,
): ReplyFacts {
  return {
    id: id ?? facts.id,
    fingerprint: system_fingerprint ?? facts.fingerprint,
    promptTokens: usage?.prompt_tokens ?? facts.promptTokens,
    completionTokens: usage?.completion_tokens ?? facts.completionTokens,
  };
}

function tooLarge(host: string, limitBytes: number): ServerFault {
  const megabytes = (limitBytes / 2 ** 20).toFixed(1);
  return new ServerFault(
    'ReplyInvalid',
    `${host} sent more than ${megabytes} MB, more than an answer of this length can have. It was not read further.`,
  );
}

const failedInStream = (host: string): ServerFault =>
  new ServerFault('NetworkFailed', `${host} failed in the middle of an answer.`, {
    isPassing: true,
  });
