/** Runs over sets against servers that fail: nothing lost, nothing twice, whoever answered. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OpenAiServer } from '../support/openai-server.ts';
import { plannedStore, servedRun } from '../support/server-load.ts';

let servers: readonly [OpenAiServer, OpenAiServer, OpenAiServer];
beforeAll(async () => {
  servers = [await OpenAiServer.start(), await OpenAiServer.start(), await OpenAiServer.start()];
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));
beforeEach(() => {
  for (const server of servers) server.reset();
});

const K = 8;
/** 2 % of the requests. */
const FAULT_EVERY = 50;
const auto = { concurrency: 'auto' } as const;

test('300 items with faults at 2 % of the requests: nothing lost, nothing twice', async () => {
  const [server] = servers;
  server.latencyMs = () => 20;
  const asked = { servers: [server], items: 300, k: K, settings: auto };
  const { faults, sentBeyond, ...run } = await servedRun({ ...asked, faultEvery: FAULT_EVERY });
  expect(run).toMatchObject({ records: 300, samples: 300 * K, wrong: [] });
  expect(faults).toBeGreaterThanOrEqual(12);
  // Only what broke off with its connection was drawn again.
  expect(sentBeyond).toBeGreaterThanOrEqual(0);
  expect(sentBeyond).toBeLessThanOrEqual(3 * faults);
  expect(server.mostInFlight).toBeGreaterThan(2);
});

test('three replicas share a run; one that dies and comes back costs nothing', async () => {
  const asked = { items: 120, k: K, faultEvery: 0, keepsTexts: true };
  const single = await servedRun({ ...asked, servers: [servers[0]] });
  for (const server of servers) {
    server.reset();
    server.latencyMs = () => 5;
  }
  const [, second] = servers;
  const pooled = await servedRun({
    ...{ ...asked, servers, settings: auto },
    onRecord: (done) => {
      if (done === 30) second.faultAt = () => ({ type: 'status', status: 500 });
    },
  });
  expect(pooled).toMatchObject({ records: 120, samples: 120 * K, wrong: [] });
  expect(single.texts.size).toBe(120 * K);
  expect(pooled.texts).toEqual(single.texts);
  expect(pooled.device).toBe(
    `server (${servers
      .map(({ address }) => address.host)
      .sort()
      .join(', ')})`,
  );
  const failed = second.chats.filter(({ status }) => status === 500).length;
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(60);
  for (const server of servers) expect(server.chats.length - failed).toBeGreaterThan(10);
});

test('a run that was stopped goes on without asking again for what is stored', async () => {
  const [server] = servers;
  server.latencyMs = () => 2;
  const store = await plannedStore(60, 4);
  const asked = { servers: [server], items: 60, k: 4, faultEvery: 0, settings: auto };
  const stop = new AbortController();
  let stored = 0;
  const half = servedRun(
    {
      ...asked,
      signal: stop.signal,
      onRecord: (done) => {
        stored = done;
        if (done === 20) stop.abort();
      },
    },
    store,
  );
  await expect(half).rejects.toMatchObject({ name: 'Cancelled' });
  expect(store.records.size).toBe(stored);
  expect(stored).toBeLessThan(40);
  server.reset();
  const rest = await servedRun(asked, store);
  expect(rest).toMatchObject({ records: 60 - stored, wrong: [], sentBeyond: 0 });
  expect(store.records.size).toBe(60);
});
