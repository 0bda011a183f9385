/** One checkpoint's record with what is computed from it once, for everything that shows it. Pure. */

import { summarizeItem, type ItemSummary } from '../../core/item-summary.ts';
import type { ItemRecord, Stage } from '../../core/types.ts';

export interface ResultPanel {
  /** What charts know a series by. */
  readonly series: { readonly id: string; readonly title: string; readonly stage: Stage };
  readonly record: ItemRecord;
  readonly summary: ItemSummary;
  /** Parsed answer by sample index. */
  readonly answersOf: ReadonlyMap<number, string | null>;
}

const known = new WeakMap<ItemRecord, ResultPanel>();

/** A record never changes, so its panel is computed once, whoever asks for it. */
export function panelOf(record: ItemRecord): ResultPanel {
  const panel = known.get(record) ?? computePanel(record);
  known.set(record, panel);
  return panel;
}

function computePanel(record: ItemRecord): ResultPanel {
  const summary = summarizeItem(record);
  const answersOf = new Map(
    record.samples.map((sample, place) => [
      sample.index,
      summary.tally.answers[place]?.answer ?? null,
    ]),
  );
  const { checkpointId: id, stage } = record.answerer;
  return { series: { id, title: id, stage }, record, summary, answersOf };
}
