import { beforeEach, expect, test } from 'vitest';
import { FakeStorage, ShelfBench } from '../../test/support/model-shelf.ts';
import { NamedError } from '../protocol/errors.ts';
import { serverAddress, type ServerAddress } from '../protocol/server.ts';

let bench: ShelfBench;
beforeEach(() => {
  bench = new ShelfBench();
});
const desk = (one = bench) => one.shelf.servers;
const LOCAL = 'localhost:8000';
const KEY = 'sk-very-secret';

function addressOf(typed: string): ServerAddress {
  const address = serverAddress(typed);
  if (address === null) throw new Error(typed);
  return address;
}

test('nothing is asked and no origin is known before Connect', async () => {
  desk().type(LOCAL);
  desk().typeKey(KEY);
  expect(bench.askedServers).toEqual([]);
  expect(bench.gate.has(addressOf(LOCAL))).toBe(false);
  await desk().look();
  expect(bench.askedServers).toEqual(['http://localhost:8000/v1/']);
  expect(bench.gate.has(addressOf(LOCAL))).toBe(true);
  expect(desk().listed).toEqual(['one', 'two']);
});

test('what is no address, and what a page over https may not ask, is told at the field', async () => {
  for (const typed of ['', 'ftp://x', 'localhost:8000, http://']) {
    desk().type(typed);
    await desk().look();
    expect(desk().problem, typed).toContain('http://localhost:8000');
  }
  desk().type('http://gpu.example:8000');
  await desk().look();
  expect(desk().problem).toContain('came over https');
  expect(bench.askedServers).toEqual([]);
});

test('a server on this machine is told from one that is elsewhere', () => {
  const isHere = (typed: string): boolean => {
    desk().type(typed);
    return desk().isOnThisMachine;
  };
  expect(['localhost:8000', '127.0.0.1:8000', 'http://[::1]:8000'].map(isHere)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['', 'http://10.0.0.7:8000', 'localhost:8000, https://gpu.example'].map(isHere)).toEqual([
    false,
    false,
    false,
  ]);
});

test('replicas: a model is offered when all of them have it', async () => {
  bench.served = ({ host }) => (host === 'localhost:8000' ? ['one', 'two'] : ['two', 'three']);
  desk().type('localhost:8000, http://localhost:8001');
  await desk().look();
  expect(desk().listed).toEqual(['two']);
  desk().place('rl', 'sft');
  const model = bench.shelf.addServed();
  expect(model?.slot.row).toMatchObject({
    id: 'two',
    stage: 'rl',
    parent: 'sft',
    servedBy: ['localhost:8000', 'localhost:8001'],
  });
  expect(model?.sizeBytes).toBe(0);
});

test('a server without a list takes a name', async () => {
  bench.served = () => [];
  desk().type(LOCAL);
  await desk().look();
  expect(bench.shelf.addServed()).toBeNull();
  desk().choose(' org/model ');
  expect(bench.shelf.addServed()?.id).toBe('model');
});

test('a refusal is kept with its name; another address forgets it, the key and what was found', async () => {
  bench.served = () => {
    throw new NamedError('AccessDenied', 'it wants a key');
  };
  desk().type(LOCAL);
  desk().typeKey(KEY);
  await desk().look();
  expect(desk().error?.name).toBe('AccessDenied');
  expect(desk().isLooking).toBe(false);
  desk().type('localhost:9000');
  expect([desk().error, desk().key, desk().listed]).toEqual([null, '', null]);
});

test('a server that never answered is not among those that are asked; its key stays in the field', async () => {
  bench.served = ({ host }) => {
    if (host === 'localhost:8000') return ['one'];
    throw new NamedError('NetworkFailed', 'it could not be reached');
  };
  desk().type('localhost:8000, localhost:8001');
  desk().typeKey(KEY);
  await desk().look();
  expect(desk().error?.name).toBe('NetworkFailed');
  expect(desk().access.servers.map(({ address: { host } }) => host)).toEqual(['localhost:8000']);
  expect(bench.gate.has(addressOf('localhost:8001'))).toBe(false);
  expect(desk().key).toBe(KEY);

  // One that answered before stays, whatever happens later.
  bench.served = () => {
    throw new NamedError('NetworkFailed', 'it could not be reached');
  };
  desk().type(LOCAL);
  await desk().look();
  expect(desk().access.servers.map(({ address: { host } }) => host)).toEqual(['localhost:8000']);
});

test('a key is stored only where that was asked for, and forgotten with its server', async () => {
  const stored = () => JSON.stringify([...bench.storage.entries]);
  desk().type(LOCAL);
  desk().typeKey(KEY);
  await desk().look();
  bench.shelf.addServed();
  expect(stored()).toContain('localhost:8000');
  expect(stored()).not.toContain(KEY);
  expect(bench.shelf.link).not.toContain(KEY);
  const { access } = desk();
  access.setRemembers('http://localhost:8000', true);
  expect(stored()).toContain(KEY);
  const again = new ShelfBench(bench.storage);
  expect(again.shelf.servers.access.servers).toMatchObject([{ key: KEY, remembers: true }]);
  access.setRemembers('http://localhost:8000', false);
  expect(stored()).not.toContain(KEY);
  access.forget('http://localhost:8000');
  expect(bench.gate.has(addressOf(LOCAL))).toBe(false);
});

test('a text that is no key is refused at its field, and the key before it stays', async () => {
  desk().type(LOCAL);
  desk().typeKey(KEY);
  await desk().look();
  desk().access.setKey('http://localhost:8000', 'two words');
  const [server] = desk().access.servers;
  expect(server?.problem).toContain('blanks');
  expect(server?.key).toBe(KEY);
});

test('an added model comes back after a reload, with its server known and nothing asked', async () => {
  desk().type(LOCAL);
  await desk().look();
  const id = bench.shelf.addServed()?.id ?? '';
  await bench.shelf.setConcurrency(id, 32);
  const again = new ShelfBench(bench.storage);
  expect(again.shelf.added.find(id)?.served?.origin).toMatchObject({
    model: 'one',
    concurrency: 32,
  });
  expect(again.gate.has(addressOf(LOCAL))).toBe(true);
  expect(again.askedServers).toEqual([]);
});

test('the study’s lineage: three models in a line, on one server or on one each', () => {
  expect(bench.shelf.addPaperLineage()).toBeNull();
  expect(desk().lineage.problem).toContain('needs a server');
  desk().type(LOCAL);
  desk().lineage.change('rl', { server: 'http://localhost:8003' });
  const models = bench.shelf.addPaperLineage() ?? [];
  expect(models.map(({ entry: { id, stage, parent } }) => [id, stage, parent])).toEqual([
    ['Qwen2.5-VL-7B-Instruct', 'base', null],
    ['OctoMed-7B', 'sft', 'Qwen2.5-VL-7B-Instruct'],
    ['MedBridgeRL-OctoMed-7B-PMC-VQA-RL', 'rl', 'OctoMed-7B'],
  ]);
  expect(models.map(({ slot }) => slot.hosts)).toEqual([
    ['localhost:8000'],
    ['localhost:8000'],
    ['localhost:8003'],
  ]);
  expect(bench.gate.has(addressOf('localhost:8003'))).toBe(true);
  desk().lineage.change('sft', { model: ' ' });
  expect(bench.shelf.addPaperLineage()).toBeNull();
  expect(desk().lineage.problem).toContain('name of its model');
});

test('where nothing is stored the page says so', async () => {
  const storage = new FakeStorage();
  storage.isFull = true;
  const full = new ShelfBench(storage);
  desk(full).type(LOCAL);
  await desk(full).look();
  expect(desk(full).access.isStored).toBe(false);
});
