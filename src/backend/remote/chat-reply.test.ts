import { expect, test } from 'vitest';
import type { ChatChoice } from './chat-choice.ts';
import { readReply, readStream } from './chat-reply.ts';
import { sampleOfChoice } from './chat-sample.ts';

const encoder = new TextEncoder();

/** A body in pieces of so many bytes. */
function responseOf(text: string, pieceBytes = 1e9): Response {
  const bytes = encoder.encode(text);
  return new Response(
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += pieceBytes) {
          controller.enqueue(bytes.slice(at, at + pieceBytes));
        }
        controller.close();
      },
    }),
  );
}

async function read(response: Response, how = readStream, limitBytes = 1e6) {
  const choices: ChatChoice[] = [];
  const onChoice = (choice: ChatChoice): void => void choices.push(choice);
  const calls = { host: 'gpu:8000', limitBytes, onSign: () => undefined, onChoice };
  const facts = await how(response, calls);
  return { choices, facts };
}

const event = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
const STREAM = [
  ': waiting in the queue\n\n',
  event({ id: 'c1', choices: [{ index: 1, delta: { role: 'assistant', content: '' } }] }),
  event({ choices: [{ index: 0, delta: { content: '<answer>é' } }] }),
  event({ choices: [{ index: 1, delta: { content: 'no' } }] }),
  event({ choices: [{ index: 1, delta: {}, finish_reason: 'length' }] }),
  event({ choices: [{ index: 1, delta: { content: ' more' } }] }),
  event({ choices: [{ index: 0, delta: { content: '</answer>' }, finish_reason: 'stop' }] }),
  event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 5 } }),
  'data: [DONE]\n\ndata: behind the end\n\n',
].join('');

test.each([1, 2, 3, 7, 64, 100_000])('a stream in pieces of %i bytes', async (pieceBytes) => {
  const { choices, facts } = await read(responseOf(STREAM, pieceBytes));
  expect(choices.map(({ index, text }) => [index, text])).toEqual([
    [1, 'no'],
    [0, '<answer>é</answer>'],
  ]);
  expect(facts).toEqual({ id: 'c1', fingerprint: null, promptTokens: 7, completionTokens: 5 });
});

test('an answer that did not end is not given', async () => {
  const cut = STREAM.slice(0, STREAM.indexOf('</answer>') - 40);
  expect((await read(responseOf(cut))).choices.map(({ index }) => index)).toEqual([1]);
});

test.each([
  ['no JSON', 'data: {"choices": [\n\n'],
  ['another shape', 'data: {"choices": [{"index": "0"}]}\n\n'],
])('a stream with %s is named', async (_, text) => {
  await expect(read(responseOf(text))).rejects.toMatchObject({ name: 'ReplyInvalid' });
});

test.each([
  ['', 'no JSON'],
  ['[]', 'no chat completion'],
  [
    '{"choices":[{"index":0,"message":{"content":7},"finish_reason":"stop"}]}',
    'no chat completion',
  ],
])('a whole reply %s is named', async (text, words) => {
  await expect(read(responseOf(text), readReply)).rejects.toMatchObject({
    name: 'ReplyInvalid',
    message: expect.stringContaining(words) as string,
  });
});

test('no more is read than allowed', async () => {
  let sent = 0;
  const endless = new Response(
    new ReadableStream({
      pull(controller) {
        sent += 1;
        controller.enqueue(encoder.encode('x'.repeat(1000)));
      },
    }),
  );
  await expect(read(endless, readStream, 10_000)).rejects.toMatchObject({ name: 'ReplyInvalid' });
  expect(sent).toBeLessThan(20);
});

test('of two answers with one index the first counts, and none without an end', async () => {
  const choice = (index: number, content: string, finish_reason: string | null) => ({
    ...{ index, finish_reason, message: { content } },
  });
  const choices = [choice(0, 'a', 'stop'), choice(0, 'b', 'stop'), choice(1, 'c', null)];
  const { choices: taken } = await read(responseOf(JSON.stringify({ choices })), readReply);
  expect(taken.map(({ text }) => text)).toEqual(['a']);
});

const BASE: ChatChoice = {
  index: 0,
  text: '<answer>B',
  finishReason: 'stop',
  stopText: null,
  tokens: null,
  tokenIds: null,
  wasSplit: false,
};
const FACTS = {
  index: 3,
  policy: { temperature: 1, topK: 0, topP: 1, minP: 0 },
  logProbKind: 'model',
  served: { path: 'seeded', sent: '{}', replyId: null, tokenCount: 3 },
} as const;
const token = (text: string, logprob = -0.5, bytes = [...encoder.encode(text)]) => ({
  token: text,
  logprob,
  bytes,
});

test('a stop string that the server took out is put back where it says so, and only there', () => {
  expect(sampleOfChoice(BASE, FACTS)).toMatchObject({
    text: '<answer>B',
    finishReason: 'end-of-sequence',
  });
  expect(sampleOfChoice({ ...BASE, stopText: '</answer>' }, FACTS)).toMatchObject({
    text: '<answer>B</answer>',
    finishReason: 'answer-closed',
  });
});

test('a character over two tokens is added by its last one', () => {
  const text = 'é?';
  const tokens = [token('\uFFFD', -1, [0xc3]), token('\uFFFD', -2, [0xa9]), token('?', -3)];
  const sample = sampleOfChoice({ ...BASE, text, tokens, tokenIds: [1, 2, 3] }, FACTS);
  expect(sample).toMatchObject({
    ...{ tokenTexts: ['', 'é', '?'], logProbs: [-1, -2, -3], tokenIds: [1, 2, 3] },
  });
});

test('tokens behind the text ended it; the one that closes the answer ends the sample', () => {
  const tokens = [token('<answer>'), token('B'), token('</answer>\n'), token('so', -9)];
  const text = '<answer>B</answer>\nso';
  expect(sampleOfChoice({ ...BASE, text, tokens }, FACTS)).toMatchObject({
    ...{ text: '<answer>B</answer>\n', tokenTexts: ['<answer>', 'B', '</answer>\n'] },
    ...{ finishReason: 'answer-closed', logProbs: [-0.5, -0.5, -0.5] },
  });
  const ended = [token('hm'), token('<|im_end|>', -0.1)];
  expect(sampleOfChoice({ ...BASE, text: 'hm', tokens: ended }, FACTS)).toMatchObject({
    ...{ text: 'hm', tokenTexts: ['hm', ''], finishReason: 'end-of-sequence' },
  });
});

test('tokens that do not make up the text are not taken for its', () => {
  const sample = sampleOfChoice({ ...BASE, tokens: [token('<answer'), token('C')] }, FACTS);
  expect(sample).toMatchObject({ logProbs: null, tokenIds: null, tokenTexts: ['<answer>B'] });
  expect(sample?.served?.missing.tokens).toContain('do not make up its text');
});

test('reasoning that the server took out of the text goes back where it was', async () => {
  const message = { content: '<answer>B</answer>', reasoning_content: 'round cell' };
  const reply = { choices: [{ index: 0, finish_reason: 'stop', message }] };
  const { choices } = await read(responseOf(JSON.stringify(reply)), readReply);
  expect(choices[0]).toMatchObject({
    ...{ text: '<think>round cell</think><answer>B</answer>', wasSplit: true },
  });
});
