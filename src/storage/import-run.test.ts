import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FREE_FORM_QUESTION } from '../core/record-fixture.ts';
import { itemFigures } from '../core/sets/item-figures.ts';
import type { Question } from '../core/types.ts';
import { exportRun } from './export-run.ts';
import { importRun, previewRun, type ImportOptions } from './import-run.ts';
import { blobOf } from './pieces.ts';
import { MemoryStore, setRun, type SetRun } from './set-run-fixture.ts';

type Json = Record<string, unknown>;

const fileOf = (store: MemoryStore): Promise<Blob> =>
  blobOf(exportRun(store, 'run-set', { appVersion: '1' }), 'text/plain');

const textOf = async (store: MemoryStore): Promise<string> => (await fileOf(store)).text();

async function exported(count: number): Promise<{ run: SetRun; text: string }> {
  const run = await setRun(count);
  return { run, text: await textOf(await MemoryStore.with(run)) };
}

const read = (store: MemoryStore, text: string, change: Partial<ImportOptions> = {}) =>
  importRun(store, new Blob([text]), { nameWithout: 'a file', ...change });

/** The text with line `number`, from 1, made into another. */
function withLine(text: string, number: number, change: (line: string) => string): string {
  return text
    .split('\n')
    .map((line, at) => (at === number - 1 ? change(line) : line))
    .join('\n');
}

const withJson = (text: string, number: number, change: (line: Json) => Json): string =>
  withLine(text, number, (line) => JSON.stringify(change(JSON.parse(line) as Json)));

describe('a run over sets', () => {
  test('comes back whole: its text, its figures, its images', async () => {
    const { run, text } = await exported(3);
    const store = new MemoryStore();
    const result = await read(store, text);
    expect(result).toMatchObject({ wasHere: false, added: 6, known: 0, promised: 6 });
    expect(result).toMatchObject({ problems: [], problemCount: 0, missingImages: 0 });
    expect(result.run).toMatchObject({ origin: 'imported', done: 6, items: 3, elapsedMs: 66 });
    expect(result.run.datasets).toEqual(run.newRun.run.datasets);
    expect(Object.keys(result.run.answerers)).toEqual(['tiny-base', 'tiny-sft']);
    expect(await textOf(store)).toBe(text);
    expect(store.allItems.get('run-set')).toEqual(run.newRun.items);
    expect([...store.allEntries.values()].map(({ figures }) => figures)).toEqual(
      run.records.map(({ record }) => itemFigures(record)),
    );
    expect(store.images.size).toBe(7);
  });

  test('has its plan before its first record: it can go on where it is opened', async () => {
    const run = await setRun(3);
    const text = await textOf(await MemoryStore.with(run, []));
    const store = new MemoryStore();
    expect(await read(store, text)).toMatchObject({ added: 0, promised: 0, missingImages: 0 });
    expect(store.allItems.get('run-set')).toEqual(run.newRun.items);
    expect(await textOf(store)).toBe(text);
  });

  test('that is here already gets what it lacks, and nothing twice', async () => {
    const { run, text } = await exported(3);
    const store = await MemoryStore.with(run, run.records.slice(0, 2));
    const preview = await previewRun(store, new Blob([text]));
    expect(preview.here?.done).toBe(2);
    expect(preview.header.set?.done).toBe(6);
    expect(await read(store, text)).toMatchObject({ wasHere: true, added: 4, known: 2 });
    const again = await read(store, text);
    expect(again).toMatchObject({ added: 0, known: 6, problemCount: 0 });
    expect(again.run).toMatchObject({ done: 6, items: 3, origin: 'here' });
    expect(await textOf(store)).toBe(text);
  });

  test('keeps the answers that it has where a file has others', async () => {
    const { run, text } = await exported(2);
    const store = await MemoryStore.with(run, run.records.slice(0, 1));
    const before = await textOf(store);
    const other = text
      .replaceAll('hm, \\"quite\\"', 'hm, \\"other\\"')
      .replaceAll('"quite', '"other');
    expect(other).not.toBe(text);
    const result = await read(store, other);
    expect(result).toMatchObject({ added: 3, known: 0, problemCount: 1 });
    expect(result.problems[0]).toMatchObject({ line: 10 });
    expect(result.problems[0]?.message).toMatch(/other answers/);
    expect((await textOf(store)).split('\n')[9]).toBe(before.split('\n')[9]);
  });

  test('with the same item twice has both', async () => {
    const run = await setRun(2);
    const [item] = run.newRun.items;
    if (!item) throw new Error('no item');
    const twice: SetRun = {
      newRun: { ...run.newRun, items: [item, item] },
      records: run.records.map(({ at, record }) => ({
        at,
        record: { ...record, itemId: item.itemId, image: item.image },
      })),
    };
    const text = await textOf(await MemoryStore.with(twice));
    const store = new MemoryStore();
    expect(await read(store, text)).toMatchObject({ added: 4, problemCount: 0 });
    expect(await textOf(store)).toBe(text);
    expect(await read(store, text)).toMatchObject({ added: 0, known: 4 });
  });

  test('keeps what else than the reference counts as right', async () => {
    const run = await setRun(2);
    const question = (place: number): Question => ({
      ...FREE_FORM_QUESTION,
      grading:
        place === 0
          ? { by: 'synonyms', accepted: ['A', 'ren'] }
          : { by: 'pattern', source: '^[bc]$' },
    });
    const graded: SetRun = {
      newRun: {
        ...run.newRun,
        items: run.newRun.items.map((item, place) => ({ ...item, question: question(place) })),
      },
      records: run.records.map(({ at, record }) => ({
        at,
        record: { ...record, question: question(at.place) },
      })),
    };
    const store = new MemoryStore();
    await read(store, await textOf(await MemoryStore.with(graded)));
    expect(store.allItems.get('run-set')).toEqual(graded.newRun.items);
    const right = [...store.allEntries.values()].map(({ figures }) => figures?.draw.c);
    expect(right).toEqual(graded.records.map(({ record }) => itemFigures(record)?.draw.c));
    expect(Math.max(...right.map((c) => c ?? 0))).toBeGreaterThan(0);
  });

  test('is written in parts of bounded size', async () => {
    const { text } = await exported(100);
    const store = new MemoryStore();
    await read(store, text);
    expect(store.parts.map(({ records }) => records.length)).toEqual([
      ...Array.from({ length: 12 }, () => 16),
      8,
    ]);
    expect(store.parts.every(({ items }) => items === null)).toBe(true);
  });

  test('tells how far it is, and stops', async () => {
    const file = await fileOf(await MemoryStore.with(await setRun(100)));
    const text = await file.text();
    const store = new MemoryStore();
    const seen: number[] = [];
    const abort = new AbortController();
    const stopped = importRun(store, file, {
      nameWithout: '',
      signal: abort.signal,
      onBytes: (bytes) => {
        seen.push(bytes);
        if (bytes > file.size / 2) abort.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ name: 'Cancelled' });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const bytes: number[] = [];
    const rest = await importRun(store, file, { nameWithout: '', onBytes: (n) => bytes.push(n) });
    expect(bytes.at(-1)).toBe(file.size);
    expect(rest.run.done).toBe(200);
    expect(await textOf(store)).toBe(text);
  });
});

describe('a broken file', () => {
  test.each<readonly [name: string, line: number, change: (line: Json) => Json, reason: RegExp]>([
    ['other run', 13, (line) => ({ ...line, runId: 'x' }), /another run, x/],
    ['shape', 13, (line) => ({ ...line, samples: 3 }), /^samples: /],
    [
      'sampler',
      13,
      (line) => ({ ...line, sampler: { ...(line['sampler'] as Json), seed: 9 } }),
      /another seed/,
    ],
    ['mode', 13, (line) => ({ ...line, promptMode: 'think' }), /another prompt/],
    [
      'weights',
      13,
      (line) => ({ ...line, answerer: { ...(line['answerer'] as Json), revision: 'z' } }),
      /other weights/,
    ],
    ['type', 13, () => ({ type: 'note' }), /^type: /],
  ])('names the line and keeps the others: %s', async (_, number, change, reason) => {
    const { text } = await exported(3);
    const result = await read(new MemoryStore(), withJson(text, number, change));
    expect(result).toMatchObject({ added: 5, promised: 6, problemCount: 1 });
    expect(result.problems[0]?.line).toBe(number);
    expect(result.problems[0]?.message).toMatch(reason);
  });

  test('cut in the middle of a line keeps what is before it', async () => {
    const { text } = await exported(3);
    const result = await read(new MemoryStore(), text.slice(0, -400));
    expect(result).toMatchObject({ added: 5, promised: 6 });
    expect(result.problems).toEqual([{ line: 17, message: 'This line is not valid JSON.' }]);
  });

  test('without a plan line takes the item from its records, and the whole file mends it', async () => {
    const { text } = await exported(3);
    const store = new MemoryStore();
    const result = await read(
      store,
      withLine(text, 3, () => '{"type":"plan"}'),
    );
    expect(result).toMatchObject({ added: 6, problemCount: 1 });
    expect(result.problems[0]?.line).toBe(3);
    expect(result.run.items).toBe(3);
    expect(await read(store, text)).toMatchObject({ added: 0, known: 6, problemCount: 0 });
  });

  test('with other pixels than their hash: refused, and counted as missing', async () => {
    const { run, text } = await exported(3);
    const store = new MemoryStore();
    const result = await read(
      store,
      withJson(text, 5, (line) => ({ ...line, rgbBase64: 'A'.repeat(24) })),
    );
    expect(result).toMatchObject({ added: 6, missingImages: 1, problemCount: 1 });
    expect(result.problems[0]?.line).toBe(5);
    expect(result.problems[0]?.message).toMatch(/SHA-256 .*was not kept/);
    expect(store.images.has(run.newRun.items[0]?.image.sha256 ?? '')).toBe(false);
    expect(store.images.size).toBe(6);
  });

  test('an image that nothing shows is not kept', async () => {
    const { text } = await exported(2);
    const { text: more } = await exported(4);
    const stranger = more
      .split('\n')
      .find((line) => line.includes('"pixels"') && !text.includes(line));
    const store = new MemoryStore();
    const result = await read(store, `${text}${stranger ?? ''}\n`);
    expect(result.problems[0]?.message).toMatch(/No item/);
    expect(store.images.size).toBe(6);
  });

  test('of ten thousand broken lines says a hundred and their number', async () => {
    const { text } = await exported(1);
    const result = await read(new MemoryStore(), text + 'x\n'.repeat(10_000));
    expect([result.problems.length, result.problemCount]).toEqual([100, 10_000]);
  });

  test.each<readonly [name: string, change: (text: string) => string, reason: RegExp]>([
    ['newer', (text) => text.replace('"formatVersion":2', '"formatVersion":3'), /format 3.*Reload/],
    ['empty', () => '\n \n', /empty/],
    ['a picture', () => '\u0089PNG', /no header/],
    [
      'without a line that is good',
      (text) => `${text.split('\n')[0] ?? ''}\nx\n`,
      /Line 2: .*JSON/,
    ],
  ])('that is %s is refused before anything is written', async (_, change, reason) => {
    const { text } = await exported(2);
    const store = new MemoryStore();
    const reading = read(store, change(text));
    await expect(reading).rejects.toMatchObject({ name: 'RunFileInvalid' });
    await expect(reading).rejects.toThrow(reason);
    expect([store.runs.size, store.images.size, store.parts.length]).toEqual([0, 0, 0]);
  });

  test('of another run under the same id is refused, and the run here is as it was', async () => {
    const { run, text } = await exported(2);
    const store = await MemoryStore.with(run);
    const before = await textOf(store);
    const other = withJson(text, 1, (line) => {
      const set = line['set'] as { settings: { sampler: Json } };
      set.settings.sampler['k'] = 8;
      return line;
    });
    await expect(read(store, other)).rejects.toThrow(/another K/);
    const foreign = await setRun(4);
    const more = await read(store, await textOf(await MemoryStore.with(foreign)));
    // Two plan lines, two records of each checkpoint, and two images that only they show.
    expect(more).toMatchObject({ added: 0, known: 4, problemCount: 8 });
    expect(await textOf(store)).toBe(before);
  });
});

describe('a file of Explore', () => {
  const text = readFileSync(new URL('../../public/runs/first.jsonl', import.meta.url), 'utf8');

  test('is a run of one item', async () => {
    const store = new MemoryStore();
    const result = await read(store, text.replaceAll('\n', '\r\n'));
    expect(result).toMatchObject({ added: 3, promised: null, problemCount: 0, missingImages: 0 });
    expect(result.missingWrongImages).toBe(4);
    expect(result.run).toMatchObject({ name: 'a file', items: 1, done: 3, origin: 'imported' });
    expect(result.run.settings.checkpointIds).toEqual(['tiny-base', 'tiny-sft', 'tiny-rl']);
    expect(result.run.datasets).toEqual([{ dataset: 'bloodmnist', items: 1 }]);
    expect(store.images.size).toBe(1);
    expect(await read(store, text)).toMatchObject({ wasHere: true, added: 0, known: 3 });
  });

  test('with other pixels keeps the record and refuses the image', async () => {
    const store = new MemoryStore();
    const forged = withJson(text, 2, (line) => ({
      ...line,
      imageRgbBase64: 'A'.repeat((28 * 28 * 3 * 4) / 3),
    }));
    const result = await read(store, forged);
    expect(result).toMatchObject({ added: 3, problemCount: 1, missingImages: 0 });
    expect(result.problems[0]?.line).toBe(2);
  });
});
