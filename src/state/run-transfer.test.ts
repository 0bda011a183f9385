import { expect, test, vi } from 'vitest';
import { NamedError } from '../protocol/errors.ts';
import { exportRun } from '../storage/export-run.ts';
import { exportFileName } from '../storage/export-names.ts';
import { blobOf, type Piece } from '../storage/pieces.ts';
import { MemoryStore, setRun, type SetRun } from '../storage/set-run-fixture.ts';
import { RunTransfer, type TransferPorts } from './run-transfer.svelte.ts';

/** The state over a store, with what was downloaded. */
function transferOf(store: MemoryStore, change: Partial<TransferPorts> = {}) {
  const downloads: { readonly fileName: string; readonly file: Blob }[] = [];
  const transfer = new RunTransfer({
    openStore: () => Promise.resolve(store),
    makeTableWorker: () => {
      throw new Error('There are no workers here.');
    },
    chooseFile: () => Promise.resolve(null),
    download: (fileName, file) => downloads.push({ fileName, file }),
    appVersion: '1',
    ...change,
  });
  return { transfer, downloads };
}

const ofRun = ({ newRun }: SetRun) => ({ id: newRun.run.id, name: newRun.run.name });

async function fileOf(run: SetRun, name = 'run.jsonl', records = run.records): Promise<File> {
  const store = await MemoryStore.with(run, records);
  const pieces = exportRun(store, run.newRun.run.id, { appVersion: '1' });
  return new File([await blobOf(pieces, 'text/plain')], name);
}

test('a run is downloaded under its name; the connection is closed', async () => {
  const run = await setRun(2);
  const store = await MemoryStore.with(run);
  const { transfer, downloads } = transferOf(store);
  await transfer.export(ofRun(run), 'jsonl', []);
  const [one] = downloads;
  expect(one?.fileName).toBe('both-k-3.jsonl');
  expect(await one?.file.text()).toBe(await (await fileOf(run)).text());
  expect(transfer.exported).toMatchObject({
    kind: 'saved',
    fileName: 'both-k-3.jsonl',
    sizeBytes: one?.file.size,
    task: { kind: 'export', runId: 'run-set' },
  });
  expect(transfer.task).toBeNull();
  expect(store.closed).toBe(1);
  transfer.dismiss('export');
  expect(transfer.exported).toBeNull();
});

test('with a dialog the pieces go to the chosen place, which gives the name; bytes are counted', async () => {
  const run = await setRun(2);
  const written: Piece[] = [];
  const asked: string[][] = [];
  const { transfer, downloads } = transferOf(await MemoryStore.with(run), {
    chooseFile: (...question) => {
      asked.push(question);
      const stream = new WritableStream<Piece>({ write: (piece) => void written.push(piece) });
      return Promise.resolve({ name: 'Übung.csv', stream });
    },
  });
  const exported = transfer.export({ id: 'run-set', name: 'Größe' }, 'items', []);
  // While the click is handled: later the browser would refuse.
  expect(asked).toEqual([['größe-items.csv', 'text/csv']]);
  await exported;
  const file = new Blob(written);
  expect((await file.text()).split('\r\n')).toHaveLength(1 + 4 + 1);
  expect(transfer.exported).toMatchObject({
    kind: 'saved',
    fileName: 'Übung.csv',
    sizeBytes: file.size,
  });
  expect(downloads).toEqual([]);
});

test('a dialog that is closed is no news, and a place that is refused is', async () => {
  const run = await setRun(1);
  const store = await MemoryStore.with(run);
  const closed = new NamedError('Cancelled', 'No place was chosen.');
  const { transfer } = transferOf(store, { chooseFile: () => Promise.reject(closed) });
  await transfer.export(ofRun(run), 'jsonl', []);
  expect([transfer.exported, transfer.task]).toEqual([null, null]);
  const refused = new NamedError('StorageFailed', 'Not there.');
  const other = transferOf(store, { chooseFile: () => Promise.reject(refused) }).transfer;
  await other.export(ofRun(run), 'jsonl', []);
  expect(other.exported).toMatchObject({ kind: 'failed', error: refused });
});

test('records are counted while it goes on; cancelling takes the file back', async () => {
  const run = await setRun(30);
  const store = await MemoryStore.with(run);
  const ends: string[] = [];
  const { transfer } = transferOf(store, {
    chooseFile: () =>
      Promise.resolve({
        name: 'a.jsonl',
        stream: new WritableStream<Piece>({ abort: () => void ends.push('taken back') }),
      }),
  });
  const read = store.packedRecord;
  store.packedRecord = (at) => {
    if (at.checkpointId === 'tiny-sft' && at.place === 10) transfer.cancel();
    if (at.place === 5) expect(transfer.progress?.total).toBe(60);
    return read(at);
  };
  const exported = transfer.export(ofRun(run), 'jsonl', []);
  expect(transfer.task).toMatchObject({ kind: 'export', fileName: 'both-k-3.jsonl' });
  expect(transfer.refusal).toContain('Another file');
  await transfer.export(ofRun(run), 'items', []);
  expect(await transfer.open([new File(['x'], 'x.jsonl')])).toBe(false);
  await exported;
  expect(transfer.exported).toMatchObject({ kind: 'stopped' });
  expect(ends).toEqual(['taken back']);
  expect(transfer.refusal).toBeNull();
  expect(store.closed).toBe(1);
});

test.each(['jsonl', 'items'] as const)('a run that is gone is named: %s', async (format) => {
  const run = await setRun(3);
  const store = await MemoryStore.with(run);
  const { transfer, downloads } = transferOf(store);
  // It is deleted while it is written.
  const items = store.items;
  store.items = async (id) => {
    const all = await items(id);
    store.packed.clear();
    store.runs.clear();
    return all;
  };
  if (format === 'items') store.runs.clear();
  await transfer.export(ofRun(run), format, []);
  expect(transfer.exported).toMatchObject({ kind: 'failed', error: { name: 'StorageFailed' } });
  expect(downloads).toEqual([]);
});

test('a store that does not open takes the chosen file back', async () => {
  const ends: string[] = [];
  const error = new NamedError('StorageFailed', 'No database.');
  const { transfer } = transferOf(new MemoryStore(), {
    openStore: () => Promise.reject(error),
    chooseFile: () =>
      Promise.resolve({
        name: 'a.jsonl',
        stream: new WritableStream<Piece>({ abort: () => void ends.push('taken back') }),
      }),
  });
  await transfer.export({ id: 'a', name: 'a' }, 'parquet', []);
  expect(transfer.exported).toMatchObject({ kind: 'failed', error });
  expect(ends).toEqual(['taken back']);
});

test('a run that is not here is imported at once, the first of several files', async () => {
  const run = await setRun(2);
  const store = new MemoryStore();
  const { transfer } = transferOf(store);
  const bytes: number[] = [];
  const create = store.create;
  store.create = (plan) => {
    bytes.push(transfer.progress?.done ?? 0);
    return create(plan);
  };
  const file = await fileOf(run);
  expect(await transfer.open([file, file, file])).toBe(true);
  expect(transfer.imported).toMatchObject({
    kind: 'imported',
    report: { added: 4, known: 0, wasHere: false },
    task: { kind: 'import', fileName: 'run.jsonl' },
  });
  expect(bytes).toEqual([file.size]);
  expect(transfer.notRead).toBe(2);
  // It can still be read while the run is saved.
  await transfer.export(ofRun(run), 'items', []);
  expect(transfer.exported).toMatchObject({ kind: 'saved' });
  expect(transfer.imported).toMatchObject({ kind: 'imported' });
  transfer.dismiss('import');
  expect(transfer.imported).toBeNull();
  expect(transfer.notRead).toBe(0);
  expect(transfer.exported).not.toBeNull();
  expect(transfer.question).toBeNull();
  expect(store.closed).toBe(2);
});

test('a run that is here is asked about: left alone it stays, confirmed it gets what it lacks', async () => {
  const run = await setRun(2);
  const store = await MemoryStore.with(run, run.records.slice(0, 1));
  const { transfer } = transferOf(store);
  const file = await fileOf(run);
  expect(await transfer.open([file])).toBe(false);
  expect(transfer.question).toMatchObject({ here: { done: 1 }, header: { set: { done: 4 } } });
  expect(transfer.imported).toBeNull();
  transfer.cancel();
  expect(transfer.question).toBeNull();
  expect(await transfer.confirm()).toBe(false);
  expect(store.runs.get('run-set')?.done).toBe(1);

  await transfer.open([file]);
  expect(await transfer.confirm()).toBe(true);
  expect(transfer.imported).toMatchObject({ report: { added: 3, known: 1, wasHere: true } });
  expect(store.runs.get('run-set')?.done).toBe(4);
});

test.each([
  ['nothing', '', /empty/u],
  ['no run', 'a shopping list\n', /not a run/u],
  [
    'a newer version',
    '{"type":"run","format":"supportlens-run","formatVersion":99}\n',
    /format 99.*Reload/u,
  ],
])('a file with %s is named, and nothing is written', async (_what, text, message) => {
  const store = new MemoryStore();
  const create = vi.spyOn(store, 'create');
  const { transfer } = transferOf(store);
  expect(await transfer.open([new File([text], 'x.jsonl')])).toBe(false);
  expect(transfer.imported).toMatchObject({
    kind: 'failed',
    error: { name: 'RunFileInvalid', message: expect.stringMatching(message) as string },
  });
  expect(create).not.toHaveBeenCalled();
});

test('an import that is cancelled keeps what it wrote; the same file adds the rest', async () => {
  const run = await setRun(20);
  const file = await fileOf(run);
  const store = new MemoryStore();
  const { transfer } = transferOf(store);
  const add = store.add;
  store.add = (part) => {
    transfer.cancel();
    return add(part);
  };
  expect(await transfer.open([file])).toBe(true);
  expect(transfer.imported).toMatchObject({ kind: 'stopped' });
  const kept = store.runs.get('run-set')?.done ?? 0;
  expect(kept).toBeLessThan(40);
  store.add = add;
  await transfer.open([file]);
  await transfer.confirm();
  expect(transfer.imported).toMatchObject({ report: { added: 40 - kept, known: kept } });
});

test('a run that is deleted while it is added to is named', async () => {
  const run = await setRun(2);
  const store = await MemoryStore.with(run, []);
  const { transfer } = transferOf(store);
  await transfer.open([await fileOf(run)]);
  const finished = store.finished;
  store.finished = (...at) => {
    store.runs.clear();
    return finished(...at);
  };
  expect(await transfer.confirm()).toBe(true);
  expect(transfer.imported).toMatchObject({
    kind: 'failed',
    error: { message: 'The run was deleted in the meantime.' },
  });
});

test('names of files: words with hyphens, of every script, never empty, never long', () => {
  expect(exportFileName({ name: 'tiny-sft, tiny-rl on 6 sets, K = 16' }, 'figures')).toBe(
    'tiny-sft-tiny-rl-on-6-sets-k-16-figures.csv',
  );
  expect(exportFileName({ name: '../../etc: "ü" 検査' }, 'parquet')).toBe('etc-ü-検査.parquet');
  const shard = { number: 3, of: 16 };
  expect(exportFileName({ name: 'a'.repeat(70), shard }, 'jsonl')).toBe(
    `${'a'.repeat(60)}-shard-3-of-16.jsonl`,
  );
  expect(exportFileName({ name: '=/\\' }, 'jsonl')).toBe('run.jsonl');
  expect(exportFileName({ name: `${'a'.repeat(59)} b` }, 'jsonl')).toBe(`${'a'.repeat(59)}.jsonl`);
});
