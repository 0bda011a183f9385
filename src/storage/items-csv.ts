/** The items of a run as CSV: one row per item and checkpoint that has answered it. */

import type { ItemFigures } from '../core/sets/item-figures.ts';
import { csvRow, type CsvCell } from './csv.ts';
import { Slices } from './slices.ts';
import type { StoredEntry, StoredItem } from './stored-run.ts';

interface Row {
  readonly item: StoredItem;
  readonly checkpointId: string;
  /** `null` when the record cannot count. */
  readonly figures: ItemFigures | null;
}

type Column = readonly [name: string, read: (row: Row) => CsvCell];

const ofFigures =
  (read: (figures: ItemFigures) => CsvCell) =>
  ({ figures }: Row): CsvCell =>
    figures && read(figures);

/** Answers are in words; one that was not understood is empty. */
const COLUMNS: readonly Column[] = [
  ['itemId', ({ item }) => item.itemId],
  ['dataset', ({ item }) => item.image.dataset],
  ['split', ({ item }) => item.image.split],
  ['index', ({ item }) => item.image.index],
  ['imageSha256', ({ item }) => item.image.sha256],
  ['checkpoint', ({ checkpointId }) => checkpointId],
  ['question', ({ item }) => item.question.text],
  ['options', ({ item }) => item.question.options.length],
  ['rightOptions', ofFigures(({ rightOptions }) => rightOptions)],
  ['truth', ofFigures(({ rightLabel }) => rightLabel)],
  ['greedy', ofFigures(({ greedyLabel }) => greedyLabel)],
  ['greedyCorrect', ofFigures(({ greedyCorrect }) => greedyCorrect)],
  ['n', ofFigures(({ draw }) => draw.n)],
  ['c', ofFigures(({ draw }) => draw.c)],
  ['firstRight', ofFigures(({ draw }) => draw.firstRight)],
  ['majorityCorrect', ofFigures(({ draw }) => draw.majorityCorrect)],
  ['entropyNats', ofFigures(({ draw }) => draw.entropyNats)],
  ['millerMadowNats', ofFigures(({ draw }) => draw.millerMadowNats)],
  [
    'uniqueAnswers',
    ofFigures(({ draw }) => draw.counts.filter(([answer]) => answer !== null).length),
  ],
  ['unparsed', ofFigures(({ draw }) => draw.counts.find(([answer]) => answer === null)?.[1] ?? 0)],
  ['formatFailure', ofFigures(({ draw }) => draw.formatFailure)],
  ['pBlind', ofFigures(({ pBlind }) => pBlind)],
  ['supportedByImage', ofFigures(({ draw }) => draw.supportedByImage)],
  ['secondSeedN', ofFigures(({ second }) => second?.n ?? null)],
  ['secondSeedC', ofFigures(({ second }) => second?.c ?? null)],
];

/**
 * Pieces of the table, in the order of the run.
 *
 * @throws NamedError `Cancelled`
 */
export async function* itemsCsv(
  items: readonly StoredItem[],
  entries: readonly StoredEntry[],
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const slices = new Slices('The export', signal);
  const byPlace = new Map<number, StoredEntry[]>();
  for (const entry of entries) {
    const own = byPlace.get(entry.place);
    if (own) own.push(entry);
    else byPlace.set(entry.place, [entry]);
  }
  yield csvRow(COLUMNS.map(([name]) => name));
  for (const [place, item] of items.entries()) {
    for (const { checkpointId, figures } of byPlace.get(place) ?? []) {
      yield csvRow(COLUMNS.map(([, read]) => read({ item, checkpointId, figures })));
    }
    if (slices.isOver) await slices.next();
  }
}
