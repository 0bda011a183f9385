/** Macro-F1 as a part of a stratum: classes are counted per resample, so that a thousand of them cost no columns. */
import { at, quotient, type Columns } from './columns.ts';
import type { Statistic, StratumPart, Weights } from './stratum.ts';

/** What a row says: the class that is the truth, and the one that was answered (`null` for none). */
export interface ClassAnswer {
  readonly truth: string;
  readonly said: string | null;
}

/**
 * Mean over the classes that are the truth of some item of F1 = 2 · both / (true + said). A class that
 * a resample lacks is left out there; an answer that is nobody's truth only misses its item. Classes
 * of two strata are two classes. `null` where an item has no class.
 *
 * @param read `null` for an item without a class, such as one with several right options
 */
export function macroF1<Row>(
  columns: Columns<Row>,
  read: (row: Row) => ClassAnswer | null,
): Statistic {
  const missing = columns.total((row) => Number(read(row) === null));
  const from = columns.part(2, (rows) => scorePart(rows.map(read)));
  return (sums) => (missing(sums) === 0 ? quotient(at(sums, from), at(sums, from + 1)) : null);
}

/** An answer that is the truth of no item of the stratum. */
const OTHER = -1;

/** Writes the sum of the F1 of the classes, and their number. */
function scorePart(answers: readonly (ClassAnswer | null)[]): StratumPart {
  return (items) => {
    const own = Array.from(items, (item) => answers[item] ?? { truth: '', said: null });
    const classes = [...new Set(own.map(({ truth }) => truth))];
    const places = new Map<string | null, number>(classes.map((name, place) => [name, place]));
    const cellKeys = own.map(({ truth, said }) => JSON.stringify([truth, said]));
    const cells = [...new Map(own.map((answer, item) => [cellKeys[item], answer])).values()].map(
      ({ truth, said }) => ({
        truth: places.get(truth) ?? OTHER,
        said: places.get(said) ?? OTHER,
      }),
    );
    const cellPlaces = new Map([...new Set(cellKeys)].map((key, cell) => [key, cell]));
    const cellOf = Uint32Array.from(cellKeys, (key) => cellPlaces.get(key) ?? 0);
    const drawn = new Float64Array(cells.length);
    // Of each class: items of it, answers that say it, both.
    const counts = new Float64Array(classes.length * 3);
    const add = (place: number, count: number): void => {
      counts[place] = (counts[place] ?? 0) + count;
    };
    return (weights, into, from) => {
      countCells(cellOf, weights, drawn);
      counts.fill(0);
      cells.forEach(({ truth, said }, cell) => {
        const count = drawn[cell] ?? 0;
        add(3 * truth, count);
        if (said !== OTHER) add(3 * said + 1, count);
        if (said === truth) add(3 * truth + 2, count);
      });
      let [score, present] = [0, 0];
      for (let place = 0; place < counts.length; place += 3) {
        const truths = counts[place] ?? 0;
        if (truths === 0) continue;
        score += (2 * (counts[place + 2] ?? 0)) / (truths + (counts[place + 1] ?? 0));
        present += 1;
      }
      into[from] = score;
      into[from + 1] = present;
    };
  };
}

function countCells(cellOf: Uint32Array, weights: Weights, drawn: Float64Array): void {
  drawn.fill(0);
  for (let item = 0; item < cellOf.length; item += 1) {
    const cell = cellOf[item] ?? 0;
    drawn[cell] = (drawn[cell] ?? 0) + (weights[item] ?? 0);
  }
}
