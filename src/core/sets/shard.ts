/**
 * A shard: a run with the whole plan that answers only some places of it, so that many machines share one
 * run and their files merge. Places go to the shards in turn: all of them are about as long.
 */

export interface Shard {
  /** From 1 to `of`. */
  readonly number: number;
  readonly of: number;
}

export const MOST_SHARDS = 10_000;

/** Whether the place, from 0, is one that the run answers; every place is where it is no shard. */
export const isOwnPlace = (place: number, shard: Shard | undefined): boolean =>
  shard === undefined || place % shard.of === shard.number - 1;

/** The places of a plan of so many items that the run answers, in order. */
export function* ownPlaces(items: number, shard: Shard | undefined): Generator<number> {
  const { number, of } = shard ?? WHOLE;
  for (let place = number - 1; place < items; place += of) yield place;
}

/** How many these are. */
export function ownCount(items: number, shard: Shard | undefined): number {
  const { number, of } = shard ?? WHOLE;
  return Math.max(0, Math.ceil((items - number + 1) / of));
}

/** Reads `3/16`; `null` where that is no shard. */
export function parseShard(text: string): Shard | null {
  const [, number, of] = /^(\d{1,5})\/(\d{1,5})$/u.exec(text.trim()) ?? [];
  const shard = { number: Number(number), of: Number(of) };
  return shard.of <= MOST_SHARDS && shard.number >= 1 && shard.number <= shard.of ? shard : null;
}

export const shardText = ({ number, of }: Shard): string => `${String(number)}/${String(of)}`;

export const shardWords = ({ number, of }: Shard): string =>
  `shard ${String(number)} of ${String(of)}`;

/** A run by its name, which a shard has from the whole run. */
export const runTitle = ({ name, shard }: RunNaming): string =>
  shard ? `${name}, ${shardWords(shard)}` : name;

export interface RunNaming {
  readonly name: string;
  readonly shard?: Shard;
}

const WHOLE: Shard = { number: 1, of: 1 };
