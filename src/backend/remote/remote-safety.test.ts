/** Keys and origins, through the whole backend. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OpenAiServer } from '../../../test/support/openai-server.ts';
import { ask, backendAt, loader, quiet, requestOf } from '../../../test/support/remote-bench.ts';
import { OriginGate } from './origin-gate.ts';

let server: OpenAiServer;
beforeAll(async () => {
  server = await OpenAiServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
});
const loaded = loader(() => server);

const KEY = 'sk-test-0123456789abcdef';

test('a key goes along, and is in no error, sample or reply', async () => {
  const backend = await loaded({ key: KEY }, {}, KEY);
  expect(JSON.stringify(await ask(backend, requestOf({}, true)))).not.toContain(KEY);
  expect(server.chats.every(({ authorization }) => authorization === `Bearer ${KEY}`)).toBe(true);
  expect(server.log.every(({ path }) => !path.includes(KEY))).toBe(true);
  server.profile = { ...server.profile, key: 'another' };
  const { error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'AccessDenied' });
  expect(error?.message).toContain('[key]');
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    expect(`${at.message} ${at.stack ?? ''} ${JSON.stringify(at)}`).not.toContain(KEY);
  }
});

test('a request that is sent on to another origin is refused', async () => {
  const backend = await loaded({ key: KEY }, {}, KEY);
  const other = await OpenAiServer.start();
  server.faultAt = () => ({ type: 'redirect', to: `${other.address.baseUrl}chat/completions` });
  const { error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'OriginRefused' });
  expect(other.log).toEqual([]);
  await other.stop();
});

test('an origin that was not added gets nothing', async () => {
  const backend = backendAt(server.address, new OriginGate());
  await expect(backend.load('auto', quiet)).rejects.toMatchObject({ name: 'OriginRefused' });
  expect(server.log).toEqual([]);
});
