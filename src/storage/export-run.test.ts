import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import schema from '../../public/schema/run.schema.json' with { type: 'json' };
import { exportRun } from './export-run.ts';
import { blobOf, writePieces, type Piece } from './pieces.ts';
import { readRunFile } from './run-file.ts';
import { MemoryStore, setRun, type SetRun } from './set-run-fixture.ts';

const options = { appVersion: '1' };

const textOf = async (store: MemoryStore, change: object = {}): Promise<string> =>
  (await blobOf(exportRun(store, 'run-set', { ...options, ...change }), 'text/plain')).text();

const timeless = (text: string): string =>
  text.replace(/"(createdAt":"[^"]*"|elapsedMs":[\d.]+)/gu, '"');

test('header, plan, pixels once, then checkpoint by checkpoint, place by place; as published', async () => {
  const run = await setRun(3);
  const text = await textOf(await MemoryStore.with(run, [...run.records].reverse()));
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ type }) => type).join(' ')).toBe(
    'run plan plan plan pixels pixels pixels pixels pixels pixels pixels item item item item item item',
  );
  expect(lines[0]).toMatchObject({ formatVersion: 2, set: { name: 'Both, "K = 3"', done: 6 } });
  expect(lines.slice(11).map(({ itemId }) => itemId)).toEqual(
    run.records.map(({ record }) => record.itemId),
  );
  const isValid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  for (const line of lines) expect(isValid(line), JSON.stringify(isValid.errors)).toBe(true);
});

/** The same with the keys of every object the other way round. */
function reversed<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(reversed) as Value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part as unknown)]),
  ) as Value;
}

test('the same records give the same bytes, whenever and in whatever order they came', async () => {
  const run = await setRun(3);
  const { newRun, records } = run;
  const later: SetRun = {
    newRun: {
      ...newRun,
      run: { ...reversed(newRun.run), createdAt: '2027-01-01T00:00:00.000Z' },
      items: newRun.items.map(reversed),
    },
    records: records
      .map(({ at, record }) => ({ at, record: { ...reversed(record), elapsedMs: 99.5 } }))
      .reverse(),
  };
  const [one, other] = [
    await textOf(await MemoryStore.with(run)),
    await textOf(await MemoryStore.with(later)),
  ];
  expect(one).not.toBe(other);
  expect(timeless(one)).toBe(timeless(other));
  expect(one).toBe(await textOf(await MemoryStore.with(run)));
});

test('Explore’s reader has every record with its pixels', async () => {
  const run = await setRun(3);
  const { header, items, problems } = readRunFile(await textOf(await MemoryStore.with(run)));
  expect(problems).toEqual([]);
  expect(header.set?.items).toBe(3);
  expect(items.map(({ record }) => record)).toEqual(run.records.map(({ record }) => record));
  for (const { record, image } of items) {
    expect(image).toEqual(run.newRun.images.get(record.image.sha256));
  }
});

test('pieces are small and come one after another; a signal ends them', async () => {
  const run = await setRun(60);
  const store = await MemoryStore.with(run);
  const sizes: number[] = [];
  const done: number[] = [];
  const onProgress = (progress: { done: number }) => done.push(progress.done);
  for await (const piece of exportRun(store, 'run-set', { ...options, onProgress })) {
    if (sizes.length === 0) expect(done.length).toBeLessThan(60);
    sizes.push(piece.length);
  }
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThan(80_000);
  expect(done.at(-1)).toBe(120);

  const abort = new AbortController();
  const stopped = textOf(store, {
    signal: abort.signal,
    onProgress: ({ done: count }: { done: number }) => {
      if (count === 50) abort.abort();
    },
  });
  await expect(stopped).rejects.toMatchObject({ name: 'Cancelled' });
});

test('a record that is not finished and a run that is gone', async () => {
  const run = await setRun(2);
  const store = await MemoryStore.with(run, run.records.slice(0, 3));
  expect(readRunFile(await textOf(store)).header.set).toMatchObject({ items: 2, done: 3 });
  store.packed.clear();
  await expect(textOf(store)).rejects.toThrow(/deleted/);
  store.runs.clear();
  await expect(textOf(store)).rejects.toMatchObject({ name: 'StorageFailed' });
});

test('a stream is closed at the end and taken back on failure', async () => {
  const written: Piece[] = [];
  const ends: string[] = [];
  const stream = () =>
    new WritableStream<Piece>({
      write: (piece) => void written.push(piece),
      close: () => void ends.push('closed'),
      abort: () => void ends.push('taken back'),
    });
  await writePieces(['a', Uint8Array.of(1)], stream());
  expect(written).toEqual(['a', Uint8Array.of(1)]);
  const failing = (function* () {
    yield 'b';
    throw new Error('no disk');
  })();
  await expect(writePieces(failing, stream())).rejects.toMatchObject({ name: 'StorageFailed' });
  expect(ends).toEqual(['closed', 'taken back']);
});
