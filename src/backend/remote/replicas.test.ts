/** The queue before several servers: who is asked, who rests, what reaches the run. */
import { expect, test } from 'vitest';
import { serverAddress, type ServerAddress } from '../../protocol/server.ts';
import { FixedConcurrency } from './concurrency.ts';
import { Replica } from './replica.ts';
import { Replicas } from './replicas.ts';
import { ServerFault } from './server-fault.ts';

function addressOf(host: string): ServerAddress {
  const address = serverAddress(host);
  if (address === null) throw new Error(`${host} is no address.`);
  return address;
}

function pool(limits: Readonly<Record<string, number>>) {
  const time = { now: 0 };
  const hosts = Object.entries(limits);
  const replicas = new Replicas(
    hosts.map(
      ([host, limit]) => new Replica(addressOf(host), new FixedConcurrency(limit), () => time.now),
    ),
  );
  return { time, replicas };
}

const forever = new AbortController().signal;
const failing = (status: number | null = 500, waitMs: number | null = null) =>
  new ServerFault('NetworkFailed', 'fails', { isPassing: true, status, waitMs });

/** Sends `count` requests that end when told; gives the hosts that were asked, in order. */
function open({ replicas }: ReturnType<typeof pool>, count: number, signal = forever) {
  const hosts: string[] = [];
  const ends: (() => void)[] = [];
  const all = Array.from({ length: count }, () =>
    replicas.send(signal, ({ host }) => {
      hosts.push(host);
      return new Promise<{ result: string; work: number }>((resolve) => {
        ends.push(() => {
          resolve({ result: host, work: 1 });
        });
      });
    }),
  );
  return { hosts, ends, all };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('the one with the most free room is asked, and nobody more than its limit', async () => {
  const one = pool({ 'a:1': 2, 'b:1': 4 });
  const { hosts, ends, all } = open(one, 9);
  await settled();
  expect(hosts).toHaveLength(6);
  expect(hosts.slice(0, 2)).toEqual(['b:1', 'b:1']);
  expect(hosts.filter((host) => host === 'a:1')).toHaveLength(2);
  expect(one.replicas.limit).toBe(6);
  ends[0]?.();
  await settled();
  expect(hosts).toHaveLength(7);
  expect(hosts[6]).toBe('b:1');
  while (hosts.length < 9) {
    for (const end of ends) end();
    await settled();
  }
  for (const end of ends) end();
  expect(await Promise.all(all)).toHaveLength(9);
});

test('who waits and is stopped leaves, and the others have their turn', async () => {
  const one = pool({ 'a:1': 1 });
  const stop = new AbortController();
  const first = open(one, 1);
  const waiting = open(one, 2, stop.signal);
  const last = open(one, 1);
  await settled();
  stop.abort();
  await expect(Promise.all(waiting.all)).rejects.toMatchObject({ name: 'Cancelled' });
  expect(waiting.hosts).toEqual([]);
  first.ends[0]?.();
  await settled();
  expect(last.hosts).toEqual(['a:1']);
  await expect(open(one, 1, AbortSignal.abort()).all[0]).rejects.toMatchObject({
    name: 'Cancelled',
  });
});

/** Asks until a host was asked or so many requests were made; what they threw. */
async function askTimes(
  { replicas }: ReturnType<typeof pool>,
  count: number,
  answer: (host: string) => Error | null,
) {
  const asked: string[] = [];
  const thrown: unknown[] = [];
  for (let one = 0; one < count; one += 1) {
    await replicas
      .send(forever, ({ host }) => {
        asked.push(host);
        const error = answer(host);
        return error ? Promise.reject(error) : Promise.resolve({ result: host, work: 1 });
      })
      .catch((error: unknown) => thrown.push(error));
  }
  return { asked, thrown };
}

test('one that fails rests, longer each time, and is tried again by a single request', async () => {
  const one = pool({ 'a:1': 2, 'b:1': 2 });
  const isDown = { a: true };
  const answer = (host: string) => (host === 'a:1' && isDown.a ? failing() : null);
  const first = await askTimes(one, 6, answer);
  expect(first.asked).toEqual(['a:1', 'a:1', 'a:1', 'b:1', 'b:1', 'b:1']);
  expect(one.replicas.limit).toBe(2);
  one.time.now = 1_500;
  // Its room is one request until it answers: the other has more.
  const held = open(one, 3);
  await settled();
  expect(held.hosts.filter((host) => host === 'a:1')).toHaveLength(1);
  for (const end of held.ends) end();
  await Promise.all(held.all);
  expect((await askTimes(one, 1, answer)).asked).toEqual(['a:1']);
});

test('what one refuses for good another is asked; when all do, the run is told', async () => {
  const denied = new ServerFault('AccessDenied', 'wants a key', { status: 401 });
  const one = pool({ 'a:1': 1, 'b:1': 1 });
  const first = await askTimes(one, 2, (host) => (host === 'a:1' ? denied : null));
  expect(first.asked).toEqual(['a:1', 'b:1']);
  expect(first.thrown).toMatchObject([{ name: 'AccessDenied', facts: { isPassing: true } }]);
  const both = await askTimes(one, 2, () => denied);
  expect(both.thrown.at(-1)).toBe(denied);
  const alone = pool({ 'a:1': 1 });
  expect((await askTimes(alone, 1, () => denied)).thrown).toEqual([denied]);
});

test('a request that is refused for what it asks is nobody’s failure', async () => {
  const refused = new ServerFault('RequestRefused', 'no n', { status: 400 });
  const one = pool({ 'a:1': 1, 'b:1': 1 });
  const { asked, thrown } = await askTimes(one, 6, () => refused);
  expect(new Set(asked)).toEqual(new Set(['a:1']));
  expect(thrown.every((error) => error === refused)).toBe(true);
});

test('one that asks to wait is left alone so long, and nobody waits where another is free', async () => {
  const one = pool({ 'a:1': 2, 'b:1': 1 });
  const busy = failing(429, 5_000);
  const first = await askTimes(one, 3, (host) => (host === 'a:1' ? busy : null));
  expect(first.asked).toEqual(['a:1', 'b:1', 'b:1']);
  expect(first.thrown).toMatchObject([{ facts: { waitMs: null, isPassing: true } }]);
  one.time.now = 5_001;
  expect((await askTimes(one, 1, () => null)).asked).toEqual(['a:1']);
});
