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
import { Forks, Shares, threadsOf, type Group, type Thread } from './river-threads.ts';

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

/** A node in the making, whose members are still the threads themselves. */
interface GrownNode extends RiverNode {
  readonly members: readonly Thread[];
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
  const forks = new Forks();
  let tree: RiverNode | null = null;
  for (const minor of LADDER) {
    const thresholds = {
      minor,
      thin: Math.max(THINNEST, minor * 0.6),
      maxLevels: limits.maxLevels,
    };
    const growth: Growth = { thresholds, forks, capped: 0 };
    tree = grow(threads, { depth: 0, level: 0, id: 'r', carried: '' }, growth);
    if (growth.capped === 0 && countLeaves(tree) <= limits.maxLeaves) break;
  }
  return tree;
}

/** Words for people: tags out, blanks folded. */
export function plainText(raw: string): string {
  return raw
    .replace(/<\/?(?:think|answer)>?/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s,;:.]+|[\s,;:]+$/g, '');
}

/** What the nodes of one tree share while they grow. */
interface Growth {
  readonly thresholds: Thresholds;
  readonly forks: Forks;
  /** Nodes whose children had no level left. */
  capped: number;
}

/** Where a node begins. */
interface Start {
  readonly depth: number;
  readonly level: number;
  readonly id: string;
  /** The beginning of a word that the fork before it cut. */
  readonly carried: string;
}

function grow(threads: readonly Thread[], start: Start, growth: Growth): GrownNode {
  const { level, id, carried } = start;
  const { thresholds } = growth;
  const { current, peeled, fork } = followBroadest(threads, start.depth, growth);
  const { depth, groups } = fork;

  const rawText = carried + (current[0]?.texts.slice(start.depth, depth).join('') ?? '');
  const ends = groups.length === 1;
  const thick = ends ? [] : groups.filter(({ share }) => share >= thresholds.thin);
  const thin = ends ? [] : groups.filter(({ share }) => share < thresholds.thin);
  const isLeaf = (ends && peeled.length === 0) || (!ends && thick.length === 0);
  const atLimit = level >= thresholds.maxLevels;
  if (atLimit && !isLeaf) growth.capped += 1;
  // A fork inside a word: the branch labels carry the word's beginning.
  const midWord = !ends && !isLeaf && !atLimit && groups.some((group) => startsInWord(group));
  const carry = midWord ? (/[\p{L}\p{N}-]*$/u.exec(rawText)?.[0] ?? '') : '';

  const children: GrownNode[] = [];
  if (!isLeaf && !atLimit) {
    const below = (name: string) => ({ depth, level: level + 1, id: `${id}.${name}` });
    const branch = (group: Group) =>
      grow(group.threads, { ...below(ordinalOf(group, depth)), carried: carry }, growth);
    if (ends) children.push(tail(current, below('t')));
    children.push(...thick.map(branch));
    const [lonely] = thin;
    const other = [...peeled, ...thin.flatMap((group) => group.threads)];
    if (lonely && thin.length === 1 && peeled.length === 0) children.push(branch(lonely));
    else if (other.length > 0) children.push(otherNode(other, below('o')));
  }
  return {
    id,
    level,
    kind: 'run',
    text: plainText(rawText.slice(0, rawText.length - carry.length)),
    start: start.depth,
    end: depth,
    members: threads,
    followers: current,
    children: sortByAnswer(children),
    hidesForks: children.length === 0 && !(ends && peeled.length === 0),
  };
}

/** Past thin forks, whose threads are peeled off, to the first one that shows or to the end. */
function followBroadest(threads: readonly Thread[], from: number, growth: Growth) {
  const { thresholds, forks } = growth;
  const peeled: Thread[] = [];
  const shares = new Shares();
  let current = threads;
  for (let depth = from; ; depth += 1) {
    const fork = forks.after(current, depth);
    const { groups } = fork;
    const broadest = groups.reduce<Group | null>(
      (best, group) => (best === null || group.threads.length > best.threads.length ? group : best),
      null,
    );
    if (broadest === null || groups.length === 1) return { current, peeled, fork };
    const leaving = groups.filter((group) => group !== broadest);
    for (const group of leaving) shares.add(group.threads);
    if (broadest.key === null || shares.largest >= thresholds.minor)
      return { current, peeled, fork };
    for (const group of leaving) peeled.push(...group.threads);
    current = broadest.threads;
    depth = fork.depth;
  }
}

const ordinalOf = ({ key }: Group, depth: number): string =>
  key === null ? 'end' : `${String(depth)}:${encodeURIComponent(key).replaceAll('.', '%2E')}`;

function startsInWord({ key }: Group): boolean {
  return key !== null && /^[\p{L}\p{N}]/u.test(key);
}

type Below = Omit<Start, 'carried'>;

function tail(members: readonly Thread[], { depth, ...place }: Below): GrownNode {
  const ends = { text: '', start: depth, end: depth, children: [], hidesForks: false };
  return { ...place, kind: 'run', members, followers: members, ...ends };
}

function otherNode(members: readonly Thread[], { depth, ...place }: Below): GrownNode {
  const folded = { text: 'other reasoning', start: depth, end: depth, children: [] };
  return { ...place, kind: 'other', members, followers: [], ...folded, hidesForks: true };
}

/** Fewest crossings for one layer: order by the mean place of the answers that a branch reaches. */
function sortByAnswer(children: GrownNode[]): readonly GrownNode[] {
  const centre = new Map(children.map(({ id, members }) => [id, meanRank(members)]));
  return children.sort((a, b) => {
    const difference = (centre.get(a.id) ?? 0) - (centre.get(b.id) ?? 0);
    return Math.abs(difference) > 1e-12 ? difference : a.id < b.id ? -1 : 1;
  });
}

function meanRank(threads: readonly Thread[]): number {
  let sum = 0;
  let total = 0;
  for (const { rank, weight } of threads) {
    sum += rank * weight;
    total += weight;
  }
  return total === 0 ? 0 : sum / total;
}

function countLeaves(node: RiverNode): number {
  return node.children.length === 0
    ? 1
    : node.children.reduce((sum, child) => sum + countLeaves(child), 0);
}
