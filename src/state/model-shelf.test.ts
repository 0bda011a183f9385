import { beforeEach, expect, test } from 'vitest';
import { COMMIT, factsOf, FakeStorage, ShelfBench } from '../../test/support/model-shelf.ts';
import { HUB_ENDPOINT } from '../protocol/hub.ts';
import { NamedError } from '../protocol/errors.ts';

let bench: ShelfBench;
beforeEach(() => {
  bench = new ShelfBench();
});
const ids = (one = bench) => one.checkpoints.slots.map(({ id }) => id);

async function added(typed: string, one = bench) {
  const lookup = await one.lookUp(typed);
  const model = lookup && (await one.shelf.add(lookup));
  if (!model) throw new Error(`${typed} was not added`);
  return model;
}

test('what is looked up is found with its data types; nothing is loaded by that', async () => {
  const lookup = await bench.lookUp(' owner/name@v1 ');
  expect(bench.queries).toMatchObject([
    { endpoint: HUB_ENDPOINT, repository: 'owner/name', revision: 'v1', token: null },
  ]);
  expect(lookup?.found?.facts.repository.revision).toBe(COMMIT);
  expect(lookup?.choice?.dtype).toBe('q4');
  expect(lookup?.missingBytes).toBe(100);
  expect(lookup?.blocked).toBeNull();
  expect(ids()).toEqual(['base', 'sft']);
});

test('what is no name is told at the field and not asked for', async () => {
  await bench.lookUp('just a name');
  expect(bench.shelf.hub.problem).toContain('owner/name');
  expect(bench.shelf.hub.named).toBeNull();
  expect(bench.queries).toEqual([]);
  bench.shelf.hub.type('owner/name');
  expect(bench.shelf.hub.problem).toBeNull();
});

test('a failed look-up keeps its named error, and the next one forgets it', async () => {
  bench.answer = () => {
    throw new NamedError('CheckpointUnsupported', 'no');
  };
  const lookup = await bench.lookUp('owner/name');
  expect(lookup?.error?.name).toBe('CheckpointUnsupported');
  expect(lookup && (await bench.shelf.add(lookup))).toBeNull();
  bench.answer = factsOf;
  await lookup?.look();
  expect(lookup?.error).toBeNull();
});

test('a cancelled look-up says nothing, whatever comes later', async () => {
  bench.shelf.hub.type('owner/name');
  const looking = bench.shelf.hub.lookUp();
  const lookup = bench.shelf.hub.named;
  expect(lookup?.isLooking).toBe(true);
  lookup?.cancel();
  await looking;
  expect(lookup?.found).toBeNull();
  expect(lookup?.isLooking).toBe(false);
  expect(bench.queries[0]?.signal.aborted).toBe(true);
});

test.each([
  ['gated', { isGated: true }],
  ['a licence of its own', { license: { id: 'other', name: 'hai-def', address: null } }],
])('terms have to be read where the repository is or has: %s', async (_, more) => {
  bench.answer = (repository) => factsOf(repository, more);
  const lookup = await bench.lookUp('owner/name');
  expect(lookup?.blocked).toContain('terms');
  lookup?.setHasReadTerms(true);
  expect(lookup?.blocked).toBeNull();
});

test('a row of the table brings its terms and stage along, also when it is typed', async () => {
  const [row] = bench.shelf.hub.table;
  await row?.look();
  expect(row?.blocked).toContain('terms');
  expect(row?.license).toBe('mit');
  const typed = await bench.lookUp('owner/listed');
  expect([typed?.hasTerms, typed?.stage]).toEqual([true, 'rl']);
});

test('without room nothing is added; what is kept needs none', async () => {
  bench.freeBytes = 50;
  const lookup = await bench.lookUp('owner/name');
  expect(lookup?.blocked).toContain('does not fit');
  expect(lookup && (await bench.shelf.add(lookup))).toBeNull();
  bench.kept = [{ endpoint: HUB_ENDPOINT, repository: 'owner/name', revision: COMMIT }];
  await lookup?.refresh();
  expect(lookup?.blocked).toBeNull();
  expect(lookup?.missingBytes).toBe(0);
});

test('an added one is a row like the others, and survives a reload unloaded', async () => {
  const lookup = await bench.lookUp('owner/name');
  lookup?.setStage('sft');
  lookup?.setParent('base');
  lookup?.choose('fp32');
  const model = lookup && (await bench.shelf.add(lookup));
  expect(model?.entry).toMatchObject({ id: 'name', dtype: 'fp32', stage: 'sft', parent: 'base' });
  expect(bench.shelf.hub.named).toBeNull();
  await bench.shelf.load('name');
  expect(bench.checkpoints.find('name')?.answerer).toMatchObject({ stage: 'sft' });
  bench.checkpoints.toggle('name');
  expect(bench.checkpoints.chosenIds).toEqual(['sft', 'name']);

  const later = new ShelfBench(bench.storage);
  expect(ids(later)).toEqual(['base', 'sft', 'name']);
  expect(later.checkpoints.find('name')?.row).toMatchObject({
    stage: 'sft',
    parent: 'base',
    license: 'MIT',
  });
  expect(later.checkpoints.find('name')?.answerer).toBeNull();
  expect(later.shelf.builtIn.map(({ id }) => id)).toEqual(['base', 'sft']);
});

test('another data type or owner gets another name, the same files the same row', async () => {
  await added('owner/name');
  expect((await added('owner/name')).id).toBe('name');
  expect((await added('other/name')).id).toBe('name-q4');
  expect((await added('third/name')).id).toBe('name-q4-2');
  expect((await added('owner/sft')).id).toBe('sft-q4');
});

test('a failed load stays at its row and leaves the others alone', async () => {
  const { id } = await added('owner/name');
  const [backend] = bench.backends;
  if (backend) backend.loadError = new NamedError('NetworkFailed', 'broke off');
  await bench.shelf.load(id);
  expect(bench.checkpoints.find(id)?.error?.name).toBe('NetworkFailed');
  await bench.shelf.load(id);
  expect(bench.checkpoints.find(id)?.error).toBeNull();
  expect(bench.checkpoints.find(id)?.answerer).not.toBeNull();
  await bench.shelf.unload(id);
  expect(bench.checkpoints.find(id)?.answerer).toBeNull();
});

test('while a run over sets goes on nothing is loaded, changed or deleted', async () => {
  const { id, place } = await added('owner/name');
  expect(bench.checkpoints.take('evaluate')).toBe(true);
  expect(bench.shelf.busy).toContain('run over sets');
  await bench.shelf.load(id);
  await bench.shelf.remove(id);
  await bench.shelf.place(id, 'rl', null);
  bench.kept = place ? [place] : [];
  if (place) await bench.shelf.discard(place);
  expect(bench.backends).toHaveLength(1);
  expect(bench.backends[0]?.loads).toBe(0);
  expect(ids()).toContain('name');
  expect(bench.kept).toHaveLength(1);
});

test('a new place in the lineage unloads it; circles cannot be made', async () => {
  const { id } = await added('owner/one');
  await added('owner/two');
  await bench.shelf.load(id);
  await bench.shelf.place(id, 'rl', 'two');
  const slot = bench.checkpoints.find(id);
  expect([slot?.row.stage, slot?.row.parent, slot?.answerer]).toEqual(['rl', 'two', null]);
  expect(bench.shelf.added.parentsOf('two')).toEqual(['base', 'sft']);
  await bench.shelf.place('two', 'rl', id);
  expect(bench.checkpoints.find('two')?.row.parent).toBeNull();
  expect(bench.checkpoints.lineage.map((row) => row.id)).toEqual(['base', 'sft', 'one', 'two']);
});

test('what is removed is gone after a reload; its download is offered for deletion', async () => {
  const { id, place } = await added('owner/name');
  bench.kept = place ? [place] : [];
  await bench.shelf.refresh();
  expect(bench.shelf.added.find(id)?.isKept).toBe(true);
  expect(bench.shelf.others).toEqual([]);
  bench.checkpoints.choose([id]);
  await bench.shelf.remove(id);
  expect(bench.checkpoints.chosenIds).toEqual(['sft']);
  expect(bench.shelf.others).toEqual([place]);
  if (place) await bench.shelf.discard(place);
  expect(bench.shelf.others).toEqual([]);
  expect(ids(new ShelfBench(bench.storage))).toEqual(['base', 'sft']);
});

test('a browser that keeps nothing is told of; a list that is none is passed over', async () => {
  bench.storage.isFull = true;
  await added('owner/name');
  expect(bench.shelf.added.isStored).toBe(false);
  const broken = new FakeStorage();
  broken.setItem('supportlens-checkpoints', '[{"id": "x"}, 7]');
  expect(ids(new ShelfBench(broken))).toEqual(['base', 'sft']);
});

test('a token goes to its hub only; another address forgets it and what was found', async () => {
  const { access } = bench.shelf.hub;
  access.setToken(' hf_secret ');
  await bench.lookUp('owner/name');
  expect(bench.queries.at(-1)?.token).toBe('hf_secret');
  expect(JSON.stringify([...bench.storage.entries])).not.toContain('hf_secret');
  access.setRemembers(true);
  expect(new ShelfBench(bench.storage).shelf.hub.access.token).toBe('hf_secret');
  bench.shelf.hub.setEndpoint('no address');
  expect(access.problem).toContain('address');
  expect(access.token).toBe('hf_secret');
  bench.shelf.hub.setEndpoint('https://mirror.test/hub');
  expect(access.endpoint).toBe('https://mirror.test/hub/');
  expect([access.token, access.remembers, bench.shelf.hub.named]).toEqual([null, false, null]);
  expect(JSON.stringify([...bench.storage.entries])).not.toContain('hf_secret');
  await bench.lookUp('owner/name');
  expect(bench.queries.at(-1)).toMatchObject({ endpoint: 'https://mirror.test/hub/', token: null });
  expect(access.tokenFor(HUB_ENDPOINT)).toBeNull();
});

test('the address holds what is typed, and following it asks nobody', async () => {
  await bench.shelf.follow('#/models?look=owner/name@v1&device=wasm');
  expect(bench.shelf.hub.typed).toBe('owner/name@v1');
  expect(bench.shelf.link).toBe('#/models?look=owner/name@v1&device=wasm');
  expect(bench.queries).toEqual([]);
  bench.shelf.hub.type('');
  expect(bench.shelf.link).toBe('#/models?device=wasm');
});

test('a folder is looked at like a repository; its files are kept for the row as long as that is there', async () => {
  const { shelf } = bench;
  await shelf.folder.open({ name: 'mine', files: [], handle: null });
  expect(shelf.folder.lookup?.found?.facts.repository.repository).toBe('mine');
  bench.freeBytes = 0;
  expect(shelf.folder.lookup?.blocked).toBeNull();
  const model = shelf.folder.lookup && (await shelf.add(shelf.folder.lookup));
  expect(model?.entry.origin).toEqual({ kind: 'folder', folder: 'mine' });
  expect(model?.place).toBeNull();
  expect(shelf.folder.lookup).toBeNull();
  expect(bench.attached).toEqual(['mine']);
  // Opened again after a reload it is the same row.
  const later = new ShelfBench(bench.storage);
  await later.shelf.folder.open({ name: 'mine', files: [], handle: null });
  const again = later.shelf.folder.lookup && (await later.shelf.add(later.shelf.folder.lookup));
  expect(again?.id).toBe('mine');
  expect(later.attached).toEqual(['mine']);
  await later.shelf.remove('mine');
  expect(later.attached).toEqual([]);
});

test('a folder that is none is told at its place', async () => {
  bench.answer = () => {
    throw new NamedError('CheckpointMissing', 'no config.json');
  };
  await bench.shelf.folder.open({ name: 'photos', files: [], handle: null });
  expect(bench.shelf.folder.lookup?.error?.name).toBe('CheckpointMissing');
  bench.shelf.folder.close();
  expect(bench.shelf.folder.lookup).toBeNull();
});
