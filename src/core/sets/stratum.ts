/**
 * The items of one stratum, laid out so that the sums of a resample are cheap: it is a weight per item
 * (how often it was drawn), and only columns that differ from item to item and from one another are
 * added up. In a set most do not: chance is one number, and every item has K samples.
 */

/** Sums over the items of one stratum (or of all), one per column. */
export type Sums = Float64Array;

/** A figure of sums; `null` where it is not defined, such as a quotient by 0. */
export type Statistic = (sums: Sums) => number | null;

/** How often each item of a stratum was drawn; whole numbers. */
export type Weights = Float64Array;

/** Writes, from place `from` on, what it makes of the items as often as they were drawn. */
export type PartFill = (weights: Weights, into: Sums, from: number) => void;

/** Prepares itself for the items of one stratum; weights come in their order. */
export type StratumPart = (items: Uint32Array) => PartFill;

export interface ItemTable {
  readonly items: number;
  /** Columns, the places of `parts` among them (0 in `values`). */
  readonly width: number;
  /** `items` · `width`, row-major. */
  readonly values: Float64Array;
  readonly parts: readonly { readonly from: number; readonly part: StratumPart }[];
}

const CONSTANT = -1;

/** Columns added up in one pass over the items: their sums stay in registers. */
const BLOCK = 4;

export class Stratum {
  /** One per item: how often the next `sums` counts it. */
  readonly weights: Weights;
  private readonly width: number;
  /** Of each column its place among the varying ones, or `CONSTANT`. */
  private readonly source: Int32Array;
  /** Value of each column that is the same for all items. */
  private readonly constants: Float64Array;
  /** Varying columns, a multiple of `BLOCK` (the last ones of zeros), one after the other. */
  private readonly varying: Float64Array;
  private readonly added: Float64Array;
  private readonly fills: readonly { readonly from: number; readonly fill: PartFill }[];

  /** @param items rows of the table, at least one */
  constructor(
    { width, values, parts }: ItemTable,
    private readonly items: Uint32Array,
  ) {
    this.width = width;
    this.weights = new Float64Array(items.length);
    this.source = new Int32Array(width).fill(CONSTANT);
    this.constants = new Float64Array(width);
    const kept: Float64Array[] = [];
    for (let column = 0; column < width; column += 1) {
      const own = new Float64Array(items.length);
      for (let place = 0; place < own.length; place += 1) {
        own[place] = values[(items[place] ?? 0) * width + column] ?? 0;
      }
      this.constants[column] = own[0] ?? 0;
      if (own.every((value) => value === own[0])) continue;
      const same = kept.findIndex((other) => other.every((value, place) => value === own[place]));
      this.source[column] = same < 0 ? kept.push(own) - 1 : same;
    }
    this.added = new Float64Array(Math.ceil(kept.length / BLOCK) * BLOCK);
    this.varying = new Float64Array(this.added.length * items.length);
    kept.forEach((column, place) => {
      this.varying.set(column, place * items.length);
    });
    this.fills = parts.map(({ from, part }) => ({ from, fill: part(items) }));
  }

  get size(): number {
    return this.items.length;
  }

  /** The sums of as many of each item as `weights` says: `size` in all. */
  sums(): Sums {
    const { weights, added, source, constants, width, size } = this;
    for (let column = 0; column < added.length; column += BLOCK) this.addBlock(column);
    const sums = new Float64Array(width);
    for (let column = 0; column < width; column += 1) {
      const place = source[column] ?? CONSTANT;
      sums[column] = place === CONSTANT ? size * (constants[column] ?? 0) : (added[place] ?? 0);
    }
    for (const { from, fill } of this.fills) fill(weights, sums, from);
    return sums;
  }
  private addBlock(column: number): void {
    const { weights, varying, added, size } = this;
    const [first, second, third] = [column * size, (column + 1) * size, (column + 2) * size];
    const fourth = (column + 3) * size;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let item = 0; item < size; item += 1) {
      const weight = weights[item] ?? 0;
      a += weight * (varying[first + item] ?? 0);
      b += weight * (varying[second + item] ?? 0);
      c += weight * (varying[third + item] ?? 0);
      d += weight * (varying[fourth + item] ?? 0);
    }
    added.set([a, b, c, d], column);
  }
}
