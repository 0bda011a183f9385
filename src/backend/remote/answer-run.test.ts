/** Servers that fail: what came is kept, what is missing asked again, nothing counted twice. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Fault } from '../../../test/support/openai-profile.ts';
import { OpenAiServer } from '../../../test/support/openai-server.ts';
import {
  ask,
  indexes,
  loader,
  requestOf,
  SETTINGS,
  texts,
  upTo,
} from '../../../test/support/remote-bench.ts';

let server: OpenAiServer;
beforeAll(async () => {
  server = await OpenAiServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
});
const loaded = loader(() => server);

const answersSent = (): number => server.chats.reduce((sum, { sent }) => sum + sent, 0);

/** The n-th request has the fault. */
const faultOf =
  (fault: Fault, ...numbers: readonly number[]) =>
  (number: number): Fault | null =>
    numbers.includes(number) ? fault : null;

test.each([
  ['a stream cut after three answers', { type: 'cut', after: 3 }],
  ['a stream cut before the first', { type: 'cut', after: 0 }],
  ['duplicate choices', { type: 'duplicate' }],
  ['malformed JSON', { type: 'malformed' }],
  ['a page of a proxy', { type: 'page' }],
  ['a slow loris', { type: 'loris' }],
  ['silence', { type: 'silent' }],
  ['an error in the stream', { type: 'error-event' }],
  ['a failing server', { type: 'status', status: 503 }],
] as const)('%s: what came is kept, the rest asked again, nothing twice', async (_, fault) => {
  const backend = await loaded();
  server.faultAt = faultOf(fault, 0);
  const { samples, reply, error } = await ask(backend, requestOf());
  expect(error).toBeNull();
  expect(reply).toMatchObject({ completed: true, rows: 8 });
  expect(indexes(samples)).toEqual(upTo(8));
  expect(server.chats).toHaveLength(2);
  // The draws are those of a run without a fault.
  server.faultAt = () => null;
  expect(texts((await ask(backend, requestOf())).samples)).toEqual(texts(samples));
});

test('after a cut only what is missing is asked for', async () => {
  const backend = await loaded();
  server.faultAt = faultOf({ type: 'cut', after: 3 }, 0);
  await ask(backend, requestOf());
  expect(server.chats.map(({ body }) => body['n'])).toEqual([8, 5]);
  expect(answersSent()).toBe(8);
});

test('a whole reply that breaks off is asked again', async () => {
  const backend = await loaded({ stream: 'refuses' });
  server.faultAt = faultOf({ type: 'cut', after: 0 }, 0);
  const { samples } = await ask(backend, requestOf());
  expect(indexes(samples)).toEqual(upTo(8));
  expect(server.chats.map(({ sent }) => sent)).toEqual([0, 8]);
});

test('Retry-After is waited for', async () => {
  const backend = await loaded();
  server.faultAt = faultOf({ type: 'status', status: 429, retryAfter: '1' }, 0);
  const startedAt = performance.now();
  const { samples } = await ask(backend, requestOf());
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  expect(indexes(samples)).toEqual(upTo(8));
});

test('a wait that is too long is told', async () => {
  const backend = await loaded();
  server.faultAt = faultOf({ type: 'status', status: 429, retryAfter: '600' }, 0);
  const { error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'NetworkFailed' });
  expect(error?.message).toContain('10 minutes');
});

test('500 in a burst passes; without end it is named, and what came stays', async () => {
  const backend = await loaded({}, { answersAtOnce: 4, concurrency: 1 });
  server.faultAt = faultOf({ type: 'status', status: 500 }, 1, 2);
  expect(indexes((await ask(backend, requestOf())).samples)).toEqual(upTo(8));
  server.log = [];
  server.faultAt = (number) => (number === 0 ? null : { type: 'status', status: 500 });
  const { samples, error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'NetworkFailed' });
  expect(indexes(samples)).toEqual([0, 1, 2, 3]);
  expect(server.chats).toHaveLength(1 + SETTINGS.retries.attempts);
});

test('10 MB for a short answer is not read to its end, nor asked again', async () => {
  const backend = await loaded();
  server.faultAt = faultOf({ type: 'huge', bytes: 10_000_000 }, 0);
  const { error, samples } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'ReplyInvalid' });
  expect(samples).toEqual([]);
  expect(server.chats).toHaveLength(1);
});

test('an answer that was held back is an error, not a sample', async () => {
  const backend = await loaded({ stream: 'refuses' });
  server.faultAt = faultOf({ type: 'filtered' }, 0);
  const { error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'ReplyInvalid' });
  expect(error?.message).toContain('content_filter');
});

test('stopping keeps what is finished', async () => {
  const backend = await loaded({ n: 'refuses' }, { concurrency: 2 });
  const stop = new AbortController();
  const { samples, reply, error } = await ask(
    backend,
    requestOf(),
    (some) => {
      if (some.length === 3) stop.abort();
    },
    stop.signal,
  );
  expect(error).toBeNull();
  expect(reply).toMatchObject({ completed: false });
  expect(samples.length).toBeGreaterThanOrEqual(3);
  expect(samples.length).toBeLessThan(8);
});

test('no more requests at a time than allowed', async () => {
  const backend = await loaded({ n: 'refuses' }, { concurrency: 3 });
  let open = 0;
  let most = 0;
  server.faultAt = () => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => (open -= 1), 0);
    return null;
  };
  await ask(backend, requestOf({ k: 24 }));
  expect(server.chats).toHaveLength(24);
  expect(most).toBeLessThanOrEqual(3);
});

test('200 items with faults at 5 % of the requests: nothing lost, nothing twice', async () => {
  const backend = await loaded({}, { answersAtOnce: 4 });
  const faults: readonly Fault[] = [
    { type: 'status', status: 500 },
    { type: 'cut', after: 2 },
    { type: 'malformed' },
    { type: 'duplicate' },
    { type: 'status', status: 429, retryAfter: '0' },
  ];
  let injected = 0;
  server.faultAt = (number) => {
    if (number % 20 !== 7) return null;
    injected += 1;
    return faults[injected % faults.length] ?? null;
  };
  for (let item = 0; item < 200; item += 1) {
    const request = { ...requestOf({ k: 16 }), itemId: `bloodmnist/test/${String(item)}` };
    const { samples, error } = await ask(backend, request);
    expect(error).toBeNull();
    expect(indexes(samples)).toEqual(upTo(16));
    expect(
      new Set(samples.map(({ served }) => JSON.stringify([served?.replyId, served?.choice]))).size,
    ).toBe(16);
  }
  expect(injected).toBeGreaterThan(40);
  // By the server's log too: only what broke off with its connection was asked for again.
  const cuts = Math.ceil(injected / faults.length);
  expect(answersSent()).toBeGreaterThanOrEqual(200 * 16);
  expect(answersSent()).toBeLessThanOrEqual(200 * 16 + 2 * cuts);
});
