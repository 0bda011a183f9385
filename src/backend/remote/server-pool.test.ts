/** Several servers as one backend: what a load checks, and what all of them are asked. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TOY_MODEL } from '../../../test/support/openai-profile.ts';
import { OpenAiServer } from '../../../test/support/openai-server.ts';
import {
  ask,
  indexes,
  quiet,
  requestOf,
  ROW,
  SETTINGS,
  upTo,
} from '../../../test/support/remote-bench.ts';
import { OriginGate } from './origin-gate.ts';
import { RemoteBackend, type RemoteSettings } from './remote-backend.ts';

let servers: readonly [OpenAiServer, OpenAiServer];
beforeAll(async () => {
  servers = [await OpenAiServer.start(), await OpenAiServer.start()];
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));
beforeEach(() => {
  for (const server of servers) server.reset();
});

function poolOf(settings: Partial<RemoteSettings> = {}, isTurned = false): RemoteBackend {
  const gate = new OriginGate();
  for (const { address } of servers) gate.add(address, null);
  const addresses = servers.map(({ address }) => address);
  const given = isTurned ? addresses.toReversed() : addresses;
  return new RemoteBackend(ROW, TOY_MODEL, given, gate, { ...SETTINGS, ...settings });
}

test('is named by all hosts in one order, and does what all of them do', async () => {
  servers[1].reset({ n: 'refuses' });
  const backend = poolOf();
  const turned = poolOf({}, true);
  const answerer = await backend.load('auto', quiet);
  expect(await turned.load('auto', quiet)).toEqual(answerer);
  for (const { address } of servers) expect(answerer.device).toContain(address.host);
  expect(backend.capabilities?.n.has).toBe('no');
  for (const server of servers) server.log = [];
  const { samples, error } = await ask(backend, requestOf({ k: 24 }));
  expect(error).toBeNull();
  expect(indexes(samples)).toEqual(upTo(24));
  for (const server of servers) expect(server.chats.length).toBeGreaterThan(4);
});

test('a server of another program, and one that is not there, are named by the load', async () => {
  const [first, second] = servers;
  second.reset({ owner: 'sglang' });
  await expect(poolOf().load('auto', quiet)).rejects.toMatchObject({
    name: 'CheckpointInvalid',
    message: expect.stringMatching(
      new RegExp(`${first.address.host}|${second.address.host}`),
    ) as string,
  });
  second.reset();
  second.faultAt = () => ({ type: 'status', status: 500 });
  await expect(poolOf().load('auto', quiet)).rejects.toMatchObject({
    name: 'NetworkFailed',
    message: expect.stringContaining(second.address.host) as string,
  });
});

test('when all fail the run is told why', async () => {
  const backend = poolOf();
  await backend.load('auto', quiet);
  for (const server of servers) server.faultAt = () => ({ type: 'status', status: 500 });
  const { error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'NetworkFailed' });
});

test('items at once follow the limit and what an item takes', async () => {
  const backend = poolOf({ concurrency: 8 });
  expect(backend.itemsAtOnce).toBe(1);
  await backend.load('auto', quiet);
  // Two servers of eight requests, a request an item, and a quarter more.
  expect(backend.itemsAtOnce).toBe(21);
  for (const server of servers) server.reset({ n: 'refuses' });
  const single = poolOf({ concurrency: 8 });
  await single.load('auto', quiet);
  await ask(single, requestOf({ k: 10 }));
  expect(single.itemsAtOnce).toBe(3);
});

test('a server that answers one thing at a time is never asked two, whatever is allowed', async () => {
  for (const server of servers)
    server.reset({ owner: 'someone', isTransformers: true, n: 'ignores' });
  const backend = poolOf({ concurrency: 'auto' });
  await backend.load('auto', quiet);
  for (const server of servers) {
    server.mostInFlight = 0;
    server.latencyMs = () => 2;
  }
  const asked = [1, 2, 3].map((item) =>
    ask(backend, { ...requestOf(), itemId: `bloodmnist/test/${String(item)}` }),
  );
  for (const { samples } of await Promise.all(asked)) expect(indexes(samples)).toEqual(upTo(8));
  expect(servers.map(({ mostInFlight }) => mostInFlight)).toEqual([1, 1]);
});
