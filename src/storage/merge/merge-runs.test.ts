import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import schema from '../../../public/schema/run.schema.json' with { type: 'json' };
import { mergedText, mergeFile, timelessText } from '../../../test/support/merge-files.ts';
import { isOwnPlace, type Shard } from '../../core/sets/shard.ts';
import { totalOf } from '../../core/sets/total-records.ts';
import { exportRun } from '../export-run.ts';
import { importRun } from '../import-run.ts';
import { blobOf } from '../pieces.ts';
import { readHeader } from '../read-run-line.ts';
import { MemoryStore, setRun, type SetRun } from '../set-run-fixture.ts';

type Json = Record<string, unknown>;

const textOf = async (store: MemoryStore, runId: string): Promise<string> =>
  (await blobOf(exportRun(store, runId, { appVersion: '1' }), 'text/plain')).text();

/** The file of one shard of a run, with its records but those that `without` names. */
async function shardText(
  { newRun, records }: SetRun,
  shard: Shard,
  without: readonly number[] = [],
): Promise<string> {
  const id = `shard ${String(shard.number)}`;
  const part: SetRun = {
    newRun: { ...newRun, run: { ...newRun.run, id, shard } },
    records: records
      .filter(({ at: { place } }) => isOwnPlace(place, shard) && !without.includes(place))
      .map(({ at, record }) => ({
        at: { ...at, runId: id },
        record: { ...record, runId: id, elapsedMs: record.elapsedMs + 100 },
      })),
  };
  return textOf(await MemoryStore.with(part), id);
}

const shardOf = (number: number, of: number): Shard => ({ number, of });

async function shardsOf(run: SetRun, of: number): Promise<string[]> {
  const numbers = Array.from({ length: of }, (_, at) => at + 1);
  return Promise.all(numbers.map((number) => shardText(run, shardOf(number, of))));
}

const filesOf = (texts: readonly string[]) =>
  texts.map((text, at) => mergeFile(`shard-${String(at + 1)}.jsonl`, text));

const linesOf = (text: string): Json[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);

/** The text with those lines changed that are of a type. */
const changed = (text: string, type: string, change: (line: Json, at: number) => Json): string => {
  let at = -1;
  return `${linesOf(text)
    .map((line) => (line['type'] === type ? change(line, (at += 1)) : line))
    .map((line) => JSON.stringify(line))
    .join('\n')}\n`;
};

test('in whatever order they come, shards are the unsharded run', async () => {
  const run = await setRun(7);
  const whole = await textOf(await MemoryStore.with(run), 'run-set');
  const texts = await shardsOf(run, 3);
  const orders = [texts, texts.toReversed()];
  const ids = new Set<unknown>();
  for (const order of orders) {
    const { report, text } = await mergedText(filesOf(order));
    expect(timelessText(text)).toBe(timelessText(whole));
    expect(report).toMatchObject({ done: 14, total: 14, repeated: 0, missing: [], problems: [] });
    const lines = linesOf(text);
    expect(lines[0]).not.toHaveProperty('set.shard');
    for (const { runId } of lines.filter(({ type }) => type !== 'pixels')) ids.add(runId);
  }
  // The same plan is the same run, whoever merged it.
  expect(ids.size).toBe(1);
});

test('a shard has the pixels of its own items only, and pixels come from wherever they are', async () => {
  const run = await setRun(7);
  const [first = ''] = await shardsOf(run, 7);
  // Its image and its two wrong ones, of eleven.
  expect(linesOf(first).filter(({ type }) => type === 'pixels')).toHaveLength(3);
  expect(linesOf(first).filter(({ type }) => type === 'plan')).toHaveLength(7);
});

test('the published schema says of a shard what the importer does', async () => {
  const isValid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  const text = await shardText(await setRun(3), shardOf(2, 3));
  for (const line of linesOf(text)) {
    expect(isValid(line), JSON.stringify(isValid.errors)).toBe(true);
  }
  expect(readHeader(text.split('\n')[0] ?? '').set?.shard).toEqual({ number: 2, of: 3 });
  for (const shard of [{ number: 0, of: 3 }, { number: 1 }, { number: 1.5, of: 3 }, '2/3', null]) {
    const bad = changed(text, 'run', (line) => ({
      ...line,
      set: { ...(line['set'] as Json), shard },
    }));
    expect(isValid(linesOf(bad)[0])).toBe(false);
    expect(() => readHeader(bad.split('\n')[0] ?? '')).toThrow('set.shard');
  }
  // What JSON Schema cannot say.
  const beyond = changed(text, 'run', (line) => ({
    ...line,
    set: { ...(line['set'] as Json), shard: { number: 4, of: 3 } },
  }));
  expect(() => readHeader(beyond.split('\n')[0] ?? '')).toThrow('set.shard');
});

test('a shard comes in as a shard: its items, its images, and nothing of others', async () => {
  const run = await setRun(5);
  const text = await shardText(run, shardOf(2, 2), [3]);
  const read = (file: string, store = new MemoryStore()) =>
    importRun(store, new Blob([file]), { nameWithout: 'file' });
  const store = new MemoryStore();
  const report = await read(text, store);
  expect(report).toMatchObject({ added: 2, missingImages: 0, missingWrongImages: 0, problems: [] });
  expect(report.run).toMatchObject({ shard: { number: 2, of: 2 }, items: 5, done: 2 });
  expect(totalOf(report.run)).toBe(4);
  expect(await textOf(store, 'shard 2')).toBe(text);
  // The same id as another part, a record of another's place, a plan with a hole.
  const other = text.replace('"shard":{"number":2,"of":2}', '"shard":{"number":1,"of":2}');
  await expect(read(other, store)).rejects.toThrow('as shard 2 of 2, and the file is shard 1 of 2');
  expect(await read(other)).toMatchObject({ added: 0, problemCount: 2 });
  const hole = text
    .split('\n')
    .filter((_, at) => at !== 3)
    .join('\n');
  await expect(read(hole)).rejects.toThrow('only 4 of the 5 items of its plan');
});

test('what is missing is said, and the file goes on where it is opened', async () => {
  const run = await setRun(6);
  const texts = [await shardText(run, shardOf(1, 3)), await shardText(run, shardOf(2, 3), [4])];
  const { report, text } = await mergedText(filesOf(texts));
  expect(report).toMatchObject({ done: 6, total: 12 });
  expect(report.missing).toEqual([
    { shard: { number: 2, of: 3 }, missing: 2, total: 4 },
    { shard: { number: 3, of: 3 }, missing: 4, total: 4 },
  ]);
  const store = new MemoryStore();
  const read = (file: string) => importRun(store, new Blob([file]), { nameWithout: 'file' });
  expect((await read(text)).run).toMatchObject({ done: 6, items: 6 });
  // With the rest it is the same run, which gets what it lacks.
  const rest = [...texts, await shardText(run, shardOf(3, 3)), await shardText(run, shardOf(2, 3))];
  const all = await mergedText([mergeFile('merged.jsonl', text), ...filesOf(rest)]);
  expect(all.report).toMatchObject({ done: 12, total: 12, repeated: 8, missing: [] });
  expect(await read(all.text)).toMatchObject({ wasHere: true, added: 6, known: 6, problems: [] });
  expect(timelessText(await textOf(store, all.report.runId))).toBe(timelessText(all.text));
});

test('equal items of a plan keep their own places', async () => {
  const run = await setRun(4);
  const { newRun, records } = run;
  const [twin] = newRun.items;
  if (!twin) throw new Error('There is a first item.');
  const items = newRun.items.map((item, place) => (place === 3 ? twin : item));
  const twins = records.map(({ at, record }) => {
    const source =
      at.place === 3
        ? records.find((one) => one.at.checkpointId === at.checkpointId && one.at.place === 0)
        : null;
    return { at, record: source?.record ?? record };
  });
  const twinRun: SetRun = { newRun: { ...newRun, items }, records: twins };
  const whole = await textOf(await MemoryStore.with(twinRun), 'run-set');
  const texts = await shardsOf(twinRun, 2);
  expect(timelessText((await mergedText(filesOf(texts))).text)).toBe(timelessText(whole));
  const store = new MemoryStore();
  await importRun(store, new Blob([texts[1] ?? '']), { nameWithout: 'file' });
  expect([...(await store.finished('shard 2', 'tiny-sft'))]).toEqual([1, 3]);
});

test('different answers to one item are an error that names both files', async () => {
  const run = await setRun(4);
  const texts = await shardsOf(run, 2);
  const other = changed(texts[1] ?? '', 'item', (line, at) =>
    at === 0 ? { ...line, greedy: null } : line,
  );
  const files = [...filesOf(texts), mergeFile('again.jsonl', other)];
  await expect(mergedText(files)).rejects.toThrow(
    /shard-2\.jsonl and again\.jsonl, line \d+ have different answers of tiny-base to/,
  );
  const elsewhere = changed(texts[1] ?? '', 'item', (line) => {
    const { wrongImages, ...nulls } = line['nulls'] as Json;
    return {
      ...line,
      nulls: { ...nulls, wrongImages: { ...(wrongImages as Json), drawn: null, reason: 'none' } },
    };
  });
  await expect(
    mergedText([...filesOf(texts), mergeFile('nulls.jsonl', elsewhere)]),
  ).rejects.toThrow('different answers');
});

test('files of another plan, setting or answerer are refused with what differs', async () => {
  const run = await setRun(4);
  const [first = '', second = ''] = await shardsOf(run, 2);
  const withSet = (change: (set: Json) => Json) =>
    changed(second, 'run', (line) => ({ ...line, set: change(line['set'] as Json) }));
  const settings = (change: Json) =>
    withSet((set) => ({ ...set, settings: { ...(set['settings'] as Json), ...change } }));
  const sampler = (linesOf(second)[0]?.['set'] as { settings: { sampler: Json } }).settings.sampler;
  const answerer = (change: Json) =>
    changed(second, 'item', (line) => ({
      ...line,
      answerer: { ...(line['answerer'] as Json), ...change },
    }));
  const plan = (change: (line: Json) => Json) =>
    changed(second, 'plan', (line, at) => (at === 2 ? change(line) : line));
  const cases: readonly (readonly [string, RegExp])[] = [
    [settings({ sampler: { ...sampler, temperature: 0.3 } }), /it has another temperature/],
    [settings({ nulls: false }), /it has no nulls/],
    [settings({ checkpointIds: ['tiny-sft', 'tiny-base'] }), /the checkpoints tiny-sft, tiny-base/],
    [
      plan((line) => ({ ...line, image: { ...(line['image'] as Json), sha256: 'a'.repeat(64) } })),
      /item 3 of the plan has another image/,
    ],
    [
      plan((line) => ({ ...line, itemId: 'other' })),
      /item 3 of the plan has another question or id/,
    ],
    [
      plan((line) => ({ ...line, wrongImages: { images: null, reason: 'none' } })),
      /item 3 of the plan has other wrong images/,
    ],
    [answerer({ revision: 'r2' }), /tiny-base answered as .*"r2".*, in shard-1\.jsonl as/],
    [
      changed(second, 'item', (line) => ({ ...line, promptVersion: '0' })),
      /asked in the wording 0/,
    ],
    [
      changed(second, 'item', (line) => ({ ...line, promptMode: 'think' })),
      /shard-2\.jsonl, line \d+: The record was asked with another prompt/,
    ],
    [withSet((set) => ({ ...set, items: 5 })), /5 items, not 4/],
  ];
  for (const [text, words] of cases) {
    await expect(mergedText(filesOf([first, text])), String(words)).rejects.toThrow(words);
  }
  const wrongShard = withSet((set) => ({ ...set, shard: { number: 1, of: 2 } }));
  await expect(mergedText(filesOf([first, wrongShard]))).rejects.toThrow(
    /is none of the items that this file answers/,
  );
  const explore =
    '{"type":"run","format":"supportlens-run","formatVersion":1,"runId":"r","createdAt":"2026-11-26T00:00:00Z","app":{"version":"1"},"notice":"Teaching and research only, not for clinical use."}';
  await expect(mergedText(filesOf([first, explore]))).rejects.toThrow('a run of Explore');
  await expect(mergedText(filesOf([first, 'hello']))).rejects.toThrow(
    /shard-2\.jsonl: This is not/,
  );
  await expect(mergedText(filesOf([first, '']))).rejects.toThrow('shard-2.jsonl is empty');
});

test('a file that was cut is named with its line, its good records are kept; a cut plan is refused', async () => {
  const run = await setRun(4);
  const [first = '', second = ''] = await shardsOf(run, 2);
  const { report, text } = await mergedText(filesOf([first, second.slice(0, -40)]));
  const line = linesOf(second).length;
  expect(report.problems).toEqual([
    { file: 'shard-2.jsonl', line, message: 'This line is not valid JSON.' },
    {
      file: 'shard-2.jsonl',
      line: null,
      message: 'has 3 of the 4 records that its header names',
    },
  ]);
  expect(report).toMatchObject({ done: 7, missing: [{ shard: { number: 2, of: 2 }, missing: 1 }] });
  expect(linesOf(text)[0]).toMatchObject({ set: { done: 7, items: 4 } });
  const planless = second
    .split('\n')
    .filter((_, at) => at !== 4)
    .join('\n');
  await expect(mergedText(filesOf([first, planless]))).rejects.toThrow(
    'shard-2.jsonl has 3 of the 4 items of its plan',
  );
  await expect(
    mergedText(filesOf([first.replace('"type":"plan"', '"type":'), second])),
  ).rejects.toThrow(
    'shard-1.jsonl has 0 of the 4 items of its plan; line 2: This line is not valid JSON.',
  );
  const shown = changed(second, 'pixels', (one, at) =>
    at === 0 ? { ...one, rgbBase64: `AAAA${String(one['rgbBase64']).slice(4)}` } : one,
  );
  const wrong = await mergedText(filesOf([first, shown]));
  expect(wrong.report.problems).toMatchObject([{ message: expect.stringContaining('SHA-256') }]);
});
