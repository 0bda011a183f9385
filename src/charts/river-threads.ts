/** Samples as threads of tokens, and where threads part: what the river's tree is grown from. Pure. */

import type { Sample } from '../core/types.ts';
import type { Member, River, RiverAnswer } from './river-tree.ts';

/** One sample's trace; arrays run over its tokens before `<answer>`. */
export interface Thread extends Member {
  readonly keys: readonly string[];
  readonly texts: readonly string[];
  /** Its share of its river. */
  readonly weight: number;
  /** Place of its answer in the shared order. */
  readonly rank: number;
}

/** Threads that go on with the same token. */
export interface Group {
  /** `null`: the trace ends here. */
  readonly key: string | null;
  readonly threads: readonly Thread[];
  /** The largest share of any river that they make up. */
  readonly share: number;
}

export interface Fork {
  readonly depth: number;
  /** By key, ends first; a single one where all traces end. */
  readonly groups: readonly Group[];
}

export function threadsOf(
  river: River,
  riverPlace: number,
  answers: readonly RiverAnswer[],
): readonly Thread[] {
  const ranks = new Map(answers.map(({ key }, rank) => [key, rank]));
  return river.samples.map(({ sample, answer }, place) => ({
    river: riverPlace,
    place,
    ...traceOf(sample),
    weight: 1 / river.samples.length,
    rank: ranks.get(answer) ?? answers.length,
  }));
}

type Trace = Pick<Thread, 'texts' | 'keys'>;

/** A sample is drawn many times while a run grows, and never changes. */
const traces = new WeakMap<Sample, Trace>();

function traceOf(sample: Sample): Trace {
  const known = traces.get(sample);
  if (known) return known;
  const texts = sample.tokenTexts.slice(0, traceLength(sample));
  const trace = { texts, keys: keysOf(texts, sample.tokenIds) };
  traces.set(sample, trace);
  return trace;
}

/** The number of tokens before `<answer>` begins; all of them when there is no such tag. */
export function traceLength(sample: Sample): number {
  const tag = sample.text.indexOf('<answer');
  if (tag < 0) return sample.tokenTexts.length;
  let offset = 0;
  for (const [place, text] of sample.tokenTexts.entries()) {
    offset += text.length;
    if (offset > tag) return place;
  }
  return sample.tokenTexts.length;
}

/**
 * Text, not id: checkpoints with different tokenizers share what they share in words. A partial byte
 * has no text of its own and keeps its id.
 */
function keysOf(texts: readonly string[], tokenIds: Sample['tokenIds']): readonly string[] {
  const isPartial = (text: string): boolean => text === '' || text.includes('\uFFFD');
  if (!texts.some(isPartial)) return texts;
  return texts.map((text, at) => (isPartial(text) ? `#${String(tokenIds?.[at])}` : text));
}

/** The share of each river in threads that are added one after the other. */
export class Shares {
  private readonly sums: number[] = [];

  add(threads: readonly Thread[]): void {
    for (const { river, weight } of threads) this.sums[river] = (this.sums[river] ?? 0) + weight;
  }

  get largest(): number {
    return this.sums.reduce((most, sum) => Math.max(most, sum), 0);
  }
}

/** Where threads part. The tree is grown at several thresholds: each fork is looked for once. */
export class Forks {
  private readonly known = new Map<readonly Thread[], Map<number, Fork>>();

  /** The first fork from `depth` on. */
  after(threads: readonly Thread[], depth: number): Fork {
    const ofThreads = this.known.get(threads) ?? new Map<number, Fork>();
    this.known.set(threads, ofThreads);
    const known = ofThreads.get(depth);
    if (known) return known;
    const at = commonUpTo(threads, depth);
    const fork = { depth: at, groups: groupAt(threads, at) };
    ofThreads.set(depth, fork);
    return fork;
  }
}

/** The first depth at which not all go on with the same token. */
function commonUpTo(threads: readonly Thread[], depth: number): number {
  const [first] = threads;
  for (let at = depth; ; at += 1) {
    const key = first?.keys[at];
    if (key === undefined || threads.some(({ keys }) => keys[at] !== key)) return at;
  }
}

function groupAt(threads: readonly Thread[], depth: number): readonly Group[] {
  const byKey = new Map<string | null, Thread[]>();
  for (const thread of threads) {
    const key = thread.keys[depth] ?? null;
    const group = byKey.get(key);
    if (group) group.push(thread);
    else byKey.set(key, [thread]);
  }
  return [...byKey]
    .sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1))
    .map(([key, members]) => {
      const shares = new Shares();
      shares.add(members);
      return { key, threads: members, share: shares.largest };
    });
}
