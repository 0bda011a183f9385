/** What the worker's encoder writes, read back by another program's reader. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import published from '../../public/schema/run-samples.parquet.json' with { type: 'json' };
import { ParquetService } from '../../workers/parquet/service.ts';
import { FREE_FORM_QUESTION, recordOf, sampleOf, servedSampleOf } from '../core/record-fixture.ts';
import { writeSamples } from './export-samples.ts';
import { importRun } from './import-run.ts';
import { blobOf } from './pieces.ts';
import { readRunFile } from './run-file.ts';
import { SAMPLE_COLUMNS, sampleRows } from './sample-table.ts';
import { MemoryStore, setRun } from './set-run-fixture.ts';

type Row = Record<string, unknown>;

async function written(store: MemoryStore): Promise<ArrayBuffer> {
  const pieces = writeSamples(store, 'run-set', new ParquetService(), {});
  return (await blobOf(pieces, 'x')).arrayBuffer();
}

test('columns, types and metadata are those that are published', async () => {
  const file = await written(await MemoryStore.with(await setRun(1)));
  const { schema, key_value_metadata: pairs } = parquetMetadata(file);
  const columns = schema.slice(1).map(({ name, type, converted_type, repetition_type }) => ({
    name,
    type: converted_type === undefined ? type : `${String(type)} (${converted_type})`,
    nullable: repetition_type === 'OPTIONAL',
  }));
  expect(columns).toEqual(
    published.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
  );
  for (const { description } of published.columns) expect(description).not.toBe('');
  const metadata = Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, value]));
  expect(Object.keys(metadata)).toEqual(Object.keys(published.metadata));
  const { format, formatVersion, notice } = published.metadata;
  expect(metadata).toMatchObject({ format, formatVersion, notice });
  expect(JSON.parse(metadata['run'] ?? '')).toEqual({
    runId: 'run-set',
    name: 'Both, "K = 3"',
    createdAt: '2026-11-26T00:00:00.000Z',
  });
});

test('one row per sample of every draw, checkpoint by checkpoint', async () => {
  const run = await setRun(3);
  const file = await written(await MemoryStore.with(run));
  const rows = (await parquetReadObjects({ file })) as Row[];
  // Greedy, K = 3, the second seed's 3, and one of each of two wrong images.
  expect(rows).toHaveLength(6 * 9);
  const { record } = run.records[4] ?? {};
  if (!record) throw new Error('no record');
  const own = rows.slice(36, 45);
  expect(
    own.every((row) => row['itemId'] === record.itemId && row['checkpoint'] === 'tiny-sft'),
  ).toBe(true);
  expect(own.map(({ draw, greedy, sampleIndex }) => [draw, greedy, Number(sampleIndex)])).toEqual([
    ['own', true, 0],
    ['own', false, 0],
    ['own', false, 1],
    ['own', false, 2],
    ['second seed', false, 0],
    ['second seed', false, 1],
    ['second seed', false, 2],
    ['wrong image', false, 0],
    ['wrong image', false, 0],
  ]);
  const wrong = record.nulls?.wrongImages.drawn?.images[1];
  expect(own.map(({ wrongImage }) => wrongImage ?? null).slice(6)).toEqual([
    null,
    record.nulls?.wrongImages.drawn?.images[0]?.image.sha256,
    wrong?.image.sha256,
  ]);
  const [, , second] = own;
  const sample = record.samples[1];
  expect(second).toEqual({
    runId: 'run-set',
    itemId: 'pathmnist/test/1',
    dataset: 'pathmnist',
    split: 'test',
    index: 1n,
    imageSha256: record.image.sha256,
    checkpoint: 'tiny-sft',
    stage: 'sft',
    revision: 'abc123',
    dtype: 'q4',
    device: 'wasm',
    question: 'Which cell is this?',
    options: '["basophil","eosinophil","monocyte","neutrophil"]',
    truth: 'B',
    promptMode: 'direct',
    promptVersion: 'supportlens-1',
    seed: 123n,
    k: 3n,
    temperature: 0.7,
    topK: 0n,
    topP: 0.9,
    minP: 0,
    maxNewTokens: 2048n,
    draw: 'own',
    greedy: false,
    wrongImage: null,
    sampleIndex: 1n,
    text: sample?.text,
    answer: 'C',
    rule: 'answer-tag',
    correct: false,
    logProb: -0.25,
    modelLogProb: -0.1,
    tokens: 1n,
    finishReason: 'answer-closed',
    served: null,
  });
  expect(own[4]?.['seed']).toBe(1_000_126n);
  expect(own[3]).toMatchObject({ answer: null, rule: 'unparsed', correct: false });
});

test('the recorded run, which SAMPLES_PARQUET keeps for other readers', async () => {
  const text = readFileSync(new URL('../../public/runs/first.jsonl', import.meta.url), 'utf8');
  const store = new MemoryStore();
  const { run } = await importRun(store, new Blob([text]), { nameWithout: 'first' });
  const pieces = writeSamples(store, run.id, new ParquetService(), {});
  const file = await (await blobOf(pieces, 'x')).arrayBuffer();
  const rows = (await parquetReadObjects({ file })) as Row[];
  const drawn = readRunFile(text).items.flatMap(({ record }) => [
    ...[record.greedy, ...record.samples, ...(record.nulls?.secondSeed.drawn?.samples ?? [])],
    ...(record.nulls?.wrongImages.drawn?.images ?? []).flatMap(({ samples }) => samples),
  ]);
  expect(rows.map((row) => row['text'])).toEqual(drawn.map((sample) => sample?.text));
  const keptAt = process.env['SAMPLES_PARQUET'];
  if (keptAt !== undefined) writeFileSync(keptAt, new Uint8Array(file));
});

test('what a server did not state is null, and how it was asked is there', () => {
  const served = servedSampleOf('<answer>B</answer>');
  const blocks = [...sampleRows(recordOf([], { samples: [served] }))];
  const cells = blocks[0]?.cells.map((cell) =>
    Array.isArray(cell) ? (cell as unknown[])[0] : cell,
  );
  const of = (name: string) => cells?.[SAMPLE_COLUMNS.findIndex((column) => column.name === name)];
  expect(['logProb', 'modelLogProb', 'tokens'].map(of)).toEqual([null, null, 12]);
  expect(JSON.parse(String(of('served')))).toEqual(served.served);
});

test('free form, no truth, and several right options', () => {
  const cellsOf = (question: Parameters<typeof recordOf>[1]): Row => {
    const [block] = sampleRows(recordOf([' <answer>Left  Kidney.</answer>'], question));
    return Object.fromEntries(
      SAMPLE_COLUMNS.map(({ name }, at) => [name, [block?.cells[at]].flat()[0]]),
    );
  };
  expect(cellsOf({ question: FREE_FORM_QUESTION })).toMatchObject({
    options: '[]',
    truth: 'left kidney',
    answer: 'left kidney',
    correct: true,
  });
  const grading = { by: 'synonyms', accepted: ['Kidney, left'] } as const;
  expect(
    cellsOf({ question: { ...FREE_FORM_QUESTION, referenceAnswer: 'Ren', grading } }),
  ).toMatchObject({ truth: 'ren', correct: false });
  const { question } = recordOf([]);
  expect(cellsOf({ question: { ...question, correctOptions: [2, 0] } })['truth']).toBe('A,C');
  expect(cellsOf({ question: { ...question, correctOptions: [] } })).toMatchObject({
    truth: null,
    correct: null,
  });
});

test('blocks are small and have every sample once', () => {
  const record = recordOf(
    Array.from({ length: 50 }, (_, at) => `<answer>${'AB'[at % 2] ?? ''}</answer>`),
    {
      greedy: sampleOf('x'),
    },
  );
  expect([...sampleRows(record)].map(({ count }) => count)).toEqual([1, 16, 16, 16, 2]);
});

test('row groups are given out as they are full, and are one table together', async () => {
  const table = new ParquetService();
  const texts = Array.from({ length: 1000 }, (_, at) => `${'long '.repeat(20)}${String(at)}`);
  const rows = [...sampleRows(recordOf(texts))];
  const parts = [await table.begin({ columns: SAMPLE_COLUMNS, metadata: {} })];
  for (let turn = 0; turn < 40; turn += 1) parts.push(await table.add(rows));
  expect(parts.filter(({ length }) => length > 4)).toHaveLength(2);
  parts.push(await table.finish());
  const file = await new Blob(parts).arrayBuffer();
  const groups = parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows));
  expect(groups).toHaveLength(3);
  expect(Math.max(...groups)).toBeLessThan(16_400);
  const read = (await parquetReadObjects({ file, columns: ['text'] })) as Row[];
  expect(read.map(({ text }) => text)).toEqual(Array.from({ length: 40 }, () => texts).flat());
});

test('no record at all is a table without rows', async () => {
  const file = await written(await MemoryStore.with(await setRun(1), []));
  expect(await parquetReadObjects({ file })).toEqual([]);
  expect(parquetMetadata(file).schema).toHaveLength(SAMPLE_COLUMNS.length + 1);
});
