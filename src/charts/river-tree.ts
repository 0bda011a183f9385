/**
 * The tree behind the answer river: one prefix tree over the samples of all rivers, with
 * fork-free runs as nodes, so that the same reasoning is the same node in every river.
 *
 * The tree covers the trace only, up to `<answer>`; the ends merge by answer in the layout.
 * Folding is explicit and counted: thin forks become one "other reasoning" child, and a leaf
 * says when the traces inside it still differ. Rejected: one tree per river, because then the
 * order of the forks differs and no band can be followed by eye from one river to the next.
 */
import type { Sample, Stage } from '../core/types.ts';

export interface RiverSample {
  readonly sample: Sample;
  /** Parsed answer; `null` when unparsed. */
  readonly answer: string | null;
  /** Still being sampled: drawn as far as it goes, without an end. */
  readonly open?: boolean;
}

export interface River {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly samples: readonly RiverSample[];
}

/** Answers in one order for all rivers; the truth belongs last. `key` is `null` for unparsed. */
export interface RiverAnswer {
  readonly key: string | null;
  readonly label: string;
  /** `null` when no truth is marked. */
  readonly correct: boolean | null;
}

/** A sample in the pooled tree: the river's place and the sample's place in it. */
export interface Member {
  readonly river: number;
  readonly place: number;
}

export interface RiverNode {
  /** Stable over redraws of the same samples: the path of fork ordinals. */
  readonly id: string;
  readonly level: number;
  /** `other`: samples of thin forks, drawn as one band. */
  readonly kind: 'run' | 'other';
  readonly text: string;
  /** Half-open token range [start, end) of the run; empty for `other`. */
  readonly start: number;
  readonly end: number;
  readonly members: readonly Member[];
  /** The members that follow the whole run; the rest left it at thin forks. */
  readonly followers: readonly Member[];
  readonly children: readonly RiverNode[];
  /** A leaf whose samples go on to differ. */
  readonly hidesForks: boolean;
}

export interface TreeLimits {
  readonly maxLevels: number;
  readonly maxLeaves: number;
}

interface Thread extends Member {
  readonly keys: readonly string[];
  readonly texts: readonly string[];
  readonly weight: number;
  readonly rank: number;
}

interface Thresholds {
  /** A fork shows when at least this share leaves the broadest branch. */
  readonly minor: number;
  /** Branches thinner than this share fold. */
  readonly thin: number;
  readonly maxLevels: number;
}

const LADDER = [0.02, 0.035, 0.05, 0.08, 0.12, 0.2] as const;
const THINNEST = 1 / 80;

/** Builds the pooled tree; raises the fold threshold until the picture fits `limits`. */
export function buildRiverTree(
  rivers: readonly River[],
  answers: readonly RiverAnswer[],
  limits: TreeLimits,
): RiverNode | null {
  const threads = rivers.flatMap((river, place) => threadsOf(river, place, answers));
  if (threads.length === 0) return null;
  let tree: RiverNode | null = null;
  for (const minor of LADDER) {
    const thresholds = {
      minor,
      thin: Math.max(THINNEST, minor * 0.6),
      maxLevels: limits.maxLevels,
    };
    const capped = { count: 0 };
    tree = grow(threads, 0, 0, 'r', '', thresholds, capped);
    if (capped.count === 0 && countLeaves(tree) <= limits.maxLeaves) break;
  }
  return tree;
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

/** Words for people: tags out, blanks folded. */
export function plainText(raw: string): string {
  return raw
    .replace(/<\/?(?:think|answer)>?/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s,;:.]+|[\s,;:]+$/g, '');
}

function threadsOf(
  river: River,
  riverPlace: number,
  answers: readonly RiverAnswer[],
): readonly Thread[] {
  return river.samples.map(({ sample, answer }, place) => {
    const length = traceLength(sample);
    const texts = sample.tokenTexts.slice(0, length);
    const found = answers.findIndex((candidate) => candidate.key === answer);
    return {
      river: riverPlace,
      place,
      texts,
      // Text, not id: checkpoints with different tokenizers share what they share in words.
      // A partial byte has no text of its own and keeps its id.
      keys: texts.map((text, at) =>
        text === '' || text.includes('\uFFFD') ? `#${String(sample.tokenIds[at])}` : text,
      ),
      weight: 1 / river.samples.length,
      rank: found < 0 ? answers.length : found,
    };
  });
}

function grow(
  threads: readonly Thread[],
  from: number,
  level: number,
  id: string,
  carried: string,
  thresholds: Thresholds,
  capped: { count: number },
): RiverNode {
  let depth = from;
  let current = threads;
  const peeled: Thread[] = [];
  for (;;) {
    const groups = groupAt(current, depth);
    if (groups.length === 1 && groups[0]?.key !== null) {
      depth += 1;
      continue;
    }
    const broadest = groups.reduce<Group | null>(
      (best, group) => (best === null || group.threads.length > best.threads.length ? group : best),
      null,
    );
    if (broadest === null || groups.length === 1) break;
    const leaving = groups.flatMap((group) => (group === broadest ? [] : group.threads));
    if (broadest.key === null || share([...peeled, ...leaving]) >= thresholds.minor) break;
    peeled.push(...leaving);
    current = broadest.threads;
    depth += 1;
  }

  const witness = current[0] ?? null;
  const rawText = carried + (witness?.texts.slice(from, depth).join('') ?? '');
  const groups = groupAt(current, depth);
  const ends = groups.length === 1;
  const thick = ends ? [] : groups.filter((group) => share(group.threads) >= thresholds.thin);
  const thin = ends ? [] : groups.filter((group) => share(group.threads) < thresholds.thin);
  const isLeaf = (ends && peeled.length === 0) || (!ends && thick.length === 0);
  const atLimit = level >= thresholds.maxLevels;
  if (atLimit && !isLeaf) capped.count += 1;
  // A fork inside a word: the branch labels carry the word's beginning.
  const midWord = !ends && !isLeaf && !atLimit && groups.some((group) => startsInWord(group));
  const carry = midWord ? (/[\p{L}\p{N}-]*$/u.exec(rawText)?.[0] ?? '') : '';

  const children: RiverNode[] = [];
  if (!isLeaf && !atLimit) {
    const branch = (group: Group) =>
      grow(group.threads, depth, level + 1, `${id}.${group.ordinal}`, carry, thresholds, capped);
    if (ends) children.push(tail(current, depth, level + 1, `${id}.t`));
    children.push(...thick.map(branch));
    const [lonely] = thin;
    const other = [...peeled, ...thin.flatMap((group) => group.threads)];
    if (lonely && thin.length === 1 && peeled.length === 0) children.push(branch(lonely));
    else if (other.length > 0) children.push(otherNode(other, depth, level + 1, `${id}.o`));
  }
  return {
    id,
    level,
    kind: 'run',
    text: plainText(rawText.slice(0, rawText.length - carry.length)),
    start: from,
    end: depth,
    members: threads,
    followers: current,
    children: sortByAnswer(children, threads),
    hidesForks: children.length === 0 && !(ends && peeled.length === 0),
  };
}

interface Group {
  /** `null`: the trace ends here. */
  readonly key: string | null;
  readonly ordinal: string;
  readonly threads: readonly Thread[];
}

function startsInWord({ key }: Group): boolean {
  return key !== null && /^[\p{L}\p{N}]/u.test(key);
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
    .map(([key, members]) => ({
      key,
      ordinal:
        key === null ? 'end' : `${String(depth)}:${encodeURIComponent(key).replaceAll('.', '%2E')}`,
      threads: members,
    }));
}

/** The largest share of any river that these samples make up. */
function share(threads: readonly Thread[]): number {
  const sums = new Map<number, number>();
  for (const { river, weight } of threads) sums.set(river, (sums.get(river) ?? 0) + weight);
  return Math.max(0, ...sums.values());
}

function tail(members: readonly Thread[], at: number, level: number, id: string): RiverNode {
  const ends = { text: '', start: at, end: at, children: [], hidesForks: false };
  return { id, level, kind: 'run', members, followers: members, ...ends };
}

function otherNode(members: readonly Thread[], at: number, level: number, id: string): RiverNode {
  const folded = { text: 'other reasoning', start: at, end: at, children: [], hidesForks: true };
  return { id, level, kind: 'other', members, followers: [], ...folded };
}

/** Fewest crossings for one layer: order by the mean place of the answers that a branch reaches. */
function sortByAnswer(children: RiverNode[], threads: readonly Thread[]): readonly RiverNode[] {
  const known = new Map(threads.map((thread) => [threadKey(thread), thread]));
  const centre = new Map(
    children.map((child) => {
      let sum = 0;
      let total = 0;
      for (const member of child.members) {
        const thread = known.get(threadKey(member));
        if (!thread) continue;
        sum += thread.rank * thread.weight;
        total += thread.weight;
      }
      return [child.id, total === 0 ? 0 : sum / total];
    }),
  );
  return children.sort((a, b) => {
    const difference = (centre.get(a.id) ?? 0) - (centre.get(b.id) ?? 0);
    return Math.abs(difference) > 1e-12 ? difference : a.id < b.id ? -1 : 1;
  });
}

function threadKey({ river, place }: Member): string {
  return `${String(river)}:${String(place)}`;
}

function countLeaves(node: RiverNode): number {
  return node.children.length === 0
    ? 1
    : node.children.reduce((sum, child) => sum + countLeaves(child), 0);
}
