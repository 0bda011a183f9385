/** The plan that all files of a merge have: compared item by item, and where each record belongs in it. */

import { isOwnPlace, type Shard } from '../../core/sets/shard.ts';
import { hexOf } from '../../core/sha256.ts';
import type { ItemRecord } from '../../core/types.ts';
import { NamedError } from '../../protocol/errors.ts';
import { itemKey } from '../intake-items.ts';
import { planLine } from '../run-lines.ts';
import type { StoredItem } from '../stored-run.ts';
import { lineAt, type MergeFile, type Span } from './merge-file.ts';

export class MergePlan {
  /** Of the first file, in order. */
  readonly lines: Span[] = [];
  /** Of each line without its run, SHA-256. */
  private readonly digests: string[] = [];
  /** Places of equal items, in order. */
  private readonly places = new Map<string, number[]>();
  /** How many records of equal items came by, by file and checkpoint. */
  private readonly seen = new Map<string, number>();

  get items(): number {
    return this.lines.length;
  }

  async add(item: StoredItem, span: Span): Promise<void> {
    const place = this.lines.push(span) - 1;
    this.digests.push(await digestOf(item));
    const key = itemKey(item);
    const places = this.places.get(key);
    if (places) places.push(place);
    else this.places.set(key, [place]);
  }

  /** @throws NamedError `RunFileInvalid` where another file has something else at the place */
  async compare(item: StoredItem, place: number, file: MergeFile): Promise<void> {
    const span = this.lines[place];
    if (span && this.digests[place] === (await digestOf(item))) return;
    const before = span && (await lineAt(span, 'plan')).item;
    const what = before ? differenceOf(before, item) : 'more items';
    throw otherRun(
      file,
      this.lines[0]?.file,
      `item ${String(place + 1)} of the plan has ${what} (${item.itemId}${before ? `, there ${before.itemId}` : ''})`,
    );
  }

  /** The first file has been read: a new one begins. */
  begin(): void {
    this.seen.clear();
  }

  /** @returns `null` where none of the places that the shard answers has this item */
  placeOf(record: ItemRecord, shard: Shard | undefined): number | null {
    const key = itemKey(record);
    const own = (this.places.get(key) ?? []).filter((place) => isOwnPlace(place, shard));
    const turnKey = `${record.answerer.checkpointId} ${key}`;
    const turn = this.seen.get(turnKey) ?? 0;
    this.seen.set(turnKey, turn + 1);
    return own.length === 0 ? null : (own[turn % own.length] ?? null);
  }

  /** Changes with every item and their order. */
  digest(): Promise<string> {
    return sha256Of(this.digests.join('\n'));
  }
}

/** @param what differs, as a sentence goes on */
export function otherRun(file: MergeFile, first: MergeFile | undefined, what: string): NamedError {
  return new NamedError(
    'RunFileInvalid',
    `${file.name} is no part of the run of ${first?.name ?? 'the first file'}: ${what}.`,
  );
}

export async function sha256Of(text: string): Promise<string> {
  return hexOf(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

const digestOf = (item: StoredItem): Promise<string> => sha256Of([...planLine('', item)].join(''));

function differenceOf(one: StoredItem, other: StoredItem): string {
  if (one.image.sha256 !== other.image.sha256) return 'another image';
  if (itemKey(one) !== itemKey(other)) return 'another question or id';
  return 'other wrong images, or its image under another name';
}
