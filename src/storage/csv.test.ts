import { expect, test } from 'vitest';
import { itemFigures, type ItemFigures } from '../core/sets/item-figures.ts';
import { runFigures } from '../core/sets/run-figures.ts';
import { csvRow } from './csv.ts';
import { figuresCsv } from './figures-csv.ts';
import { itemsCsv } from './items-csv.ts';
import { blobOf } from './pieces.ts';
import { setRun } from './set-run-fixture.ts';

test('quotes what needs it and keeps every digit', () => {
  expect(csvRow(['a,b', 'say "x"', 'two\r\nlines', '', null, true, 'plain'])).toBe(
    '"a,b","say ""x""","two\r\nlines","",,true,plain\r\n',
  );
  expect(csvRow([0.1 + 0.2, -1 / 3, 1e-300, 2 ** 53])).toBe(
    '0.30000000000000004,-0.3333333333333333,1e-300,9007199254740992\r\n',
  );
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', ' =1', '\tx', '\r=1'])(
  'text that a spreadsheet would run is marked as text: %j',
  (text) => {
    expect(csvRow([text])).toContain(`'${text}`);
    expect(csvRow([text, -1])).toMatch(/,-1\r\n$/u);
  },
);

/** The cells of each line, by a reader that knows quotes and nothing else. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of text.split('\r\n').slice(0, -1)) {
    rows.push(
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/gu)].map(([, quoted, plain]) =>
        quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
      ),
    );
  }
  return rows;
}

const cellsOf = (text: string): Record<string, string>[] => {
  const [head = [], ...rows] = parse(text);
  return rows.map((row) => {
    expect(row).toHaveLength(head.length);
    return Object.fromEntries(head.map((name, at) => [name, row[at] ?? '']));
  });
};

async function figuresOf(checkpointId: string, change = (item: ItemFigures) => item) {
  const { records } = await setRun(4);
  const items = records
    .filter(({ at }) => at.checkpointId === checkpointId)
    .flatMap(({ record }) => itemFigures(record) ?? [])
    .map(change);
  return { checkpointId, items, figures: runFigures(items) };
}

test('figures: one row per checkpoint, group and metric', async () => {
  const one = await figuresOf('tiny-base');
  const other = await figuresOf('tiny-sft', (item) =>
    item.dataset === 'pathmnist' ? { ...item, pBlind: 0.25 } : item,
  );
  const rows = cellsOf(await (await blobOf(figuresCsv([one, other]), 'text/csv')).text());
  const find = (...[checkpoint, scope, dataset, metric, k, threshold]: string[]) =>
    rows.filter(
      (row) =>
        row['checkpoint'] === checkpoint &&
        row['scope'] === scope &&
        row['dataset'] === dataset &&
        row['metric'] === metric &&
        row['k'] === (k ?? '') &&
        row['threshold'] === (threshold ?? ''),
    );
  const keys = rows.map((row) => Object.values(row).slice(0, 6).join('|'));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.length % 8).toBe(0);

  const blood = one.figures.datasets[0]?.figures;
  expect(find('tiny-base', 'dataset', 'bloodmnist', 'sampleAccuracy')).toEqual([
    expect.objectContaining({
      value: String(blood?.sampleAccuracy.value),
      lower: String(blood?.sampleAccuracy.interval?.lower),
      upper: String(blood?.sampleAccuracy.interval?.upper),
      n: '2',
    }),
  ]);
  const support = other.figures.macro.passAtK.find(({ k }) => k === 2)?.support;
  expect(support?.value).toBeGreaterThan(0);
  expect(find('tiny-sft', 'mean of datasets', '', 'support', '2')).toEqual([
    expect.objectContaining({ value: String(support?.value), n: '4' }),
  ]);
  expect(find('tiny-base', 'all items', '', 'cover', '', '0.25')).toHaveLength(1);
  expect(find('tiny-base', 'all items', '', 'pBlind')[0]).toMatchObject({ value: '', n: '0' });
  expect(find('tiny-sft', 'all items', '', 'pBlind')[0]).toMatchObject({ value: '0.25', n: '2' });
});

test('items: one row per item and checkpoint that answered it', async () => {
  const { newRun, records } = await setRun(3);
  const entries = records.slice(0, 4).map(({ at, record }, place) => ({
    ...at,
    figures: place === 1 ? null : itemFigures(record),
  }));
  const [first, ...others] = newRun.items;
  if (!first) throw new Error('no item');
  const items = [{ ...first, question: { ...first.question, text: '=cmd, "x"' } }, ...others];
  const text = await (await blobOf(itemsCsv(items, entries), 'text/csv')).text();
  const rows = cellsOf(text);
  expect(rows.map((row) => [row['itemId'], row['checkpoint'], row['n']])).toEqual([
    ['bloodmnist/test/0', 'tiny-base', '3'],
    ['bloodmnist/test/0', 'tiny-sft', '3'],
    ['pathmnist/test/1', 'tiny-base', ''],
    ['bloodmnist/test/2', 'tiny-base', '3'],
  ]);
  const figures = entries[0]?.figures;
  expect(rows[0]).toMatchObject({
    dataset: 'bloodmnist',
    question: `'=cmd, "x"`,
    truth: 'eosinophil',
    greedy: figures?.greedyLabel,
    c: String(figures?.draw.c),
    entropyNats: String(figures?.draw.entropyNats),
    supportedByImage: '',
    secondSeedN: '3',
  });
  const abort = new AbortController();
  abort.abort();
  const stopped = itemsCsv(Array(50_000).fill(first), [], abort.signal);
  const drain = async (): Promise<void> => {
    for await (const piece of stopped) expect(piece).toContain('itemId');
  };
  await expect(drain()).rejects.toMatchObject({ name: 'Cancelled' });
});
