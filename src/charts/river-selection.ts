/** What can be looked at and pinned in a river: bands, flows into an answer, and ends. */
import { formatProbability } from '../core/format.ts';
import type { Alternative, Lit, PointTarget, Readout } from '../core/pointing.ts';
import type { BandShape, RiverPicture, RiverShape } from './river-shapes.ts';
import type { River } from './river-tree.ts';

/** A pinned mark: which samples it stands for, and words for the filter chip. */
export interface RiverSelection {
  readonly river: string;
  readonly mark: string;
  readonly label: string;
  /** `Sample.index` of its samples. */
  readonly sampleIndexes: readonly number[];
  /** The same as something that is pointed at. */
  readonly target: PointTarget;
}

export interface MarkDetail {
  readonly title: string;
  readonly label: string;
  readonly count: number;
  readonly total: number;
  readonly share: number;
  readonly tokenCount: number | null;
  readonly logProb: number | null;
  readonly forkShare: number | null;
  readonly forkProbability: number | null;
  /** What a server did not state of the band; empty for nothing. */
  readonly unstated: string;
  readonly alternatives: readonly Alternative[];
  readonly places: readonly number[];
}

export function endMark(key: string | null): string {
  return `end:${key ?? ''}`;
}

/** Focus order: bands from the prompt on, then the ends. */
export function markIds(shape: RiverShape): readonly string[] {
  const bands = [...shape.bands].sort((a, b) => a.level - b.level || a.y - b.y);
  return [...bands.map((band) => band.id), ...shape.ends.map((end) => endMark(end.answer.key))];
}

/** Short words for a band: its text, or what it stands for. */
export function bandWords(band: BandShape): string {
  if (band.text !== '') return band.text;
  return band.parentId === null ? 'prompt' : 'reasoning ends';
}

export function detailOf(picture: RiverPicture, river: string, mark: string): MarkDetail | null {
  const shape = picture.rivers.find((candidate) => candidate.id === river);
  if (!shape) return null;
  const band = shape.bands.find((candidate) => candidate.id === mark);
  if (band) {
    const rivals = shape.bands.filter(
      (other) => other.parentId === band.parentId && other.id !== band.id,
    );
    return {
      title: shape.title,
      label: bandWords(band),
      count: band.places.length,
      total: shape.sampleCount,
      share: band.share,
      tokenCount: band.kind === 'run' ? band.tokenCount : null,
      logProb: band.logProb,
      forkShare: band.parentId === null ? null : band.forkShare,
      forkProbability: band.forkProbability,
      unstated: band.unstated,
      places: band.places,
      alternatives: [...rivals]
        .sort((a, b) => b.forkShare - a.forkShare)
        .map((other) => ({
          text: bandWords(other),
          share: other.forkShare,
          probability: other.forkProbability,
        })),
    };
  }
  const end = shape.ends.find((candidate) => endMark(candidate.answer.key) === mark);
  if (!end) return null;
  return {
    title: shape.title,
    label: `answer ${end.answer.label}`,
    count: end.places.length,
    total: shape.sampleCount,
    share: end.share,
    tokenCount: null,
    logProb: null,
    forkShare: null,
    forkProbability: null,
    unstated: '',
    places: end.places,
    alternatives: [],
  };
}

/**
 * A mark as something to point at: an end is an answer, a band its samples in every river that has it.
 *
 * @returns `null` when there is no such mark
 */
export function targetOf(
  picture: RiverPicture,
  rivers: readonly River[],
  river: string,
  mark: string,
): PointTarget | null {
  const shape = picture.rivers.find(({ id }) => id === river);
  const end = shape?.ends.find((candidate) => endMark(candidate.answer.key) === mark);
  if (end) return { kind: 'answer', checkpointId: river, answer: end.answer.key };
  const detail = detailOf(picture, river, mark);
  if (!detail) return null;
  const here = picture.rivers.flatMap((one) => {
    const band = one.bands.find(({ id }) => id === mark);
    return band ? [{ shape: one, band }] : [];
  });
  const samples = here.map(({ shape: { id }, band }) => {
    const source = rivers.find((one) => one.id === id);
    return [id, band.places.flatMap((at) => source?.samples[at]?.sample.index ?? [])];
  });
  const others = here
    .filter(({ shape: { id } }) => id !== river)
    .map(
      ({ shape: { title, sampleCount }, band }) =>
        `${title} ${String(band.places.length)} of ${String(sampleCount)}`,
    );
  return {
    kind: 'band',
    checkpointId: river,
    mark,
    samples: Object.fromEntries(samples) as Record<string, readonly number[]>,
    readout: bandReadout(detail, others),
  };
}

function bandReadout(detail: MarkDetail, others: readonly string[]): Readout {
  const { count, total, share, tokenCount, logProb, forkShare, forkProbability } = detail;
  const facts = [`${String(count)} of ${String(total)} samples (${formatProbability(share)})`];
  if (tokenCount) facts.push(`${String(tokenCount)} ${tokenCount === 1 ? 'token' : 'tokens'}`);
  if (logProb !== null) facts.push(`log p ${logProb.toFixed(2).replace('-', '−')}`);
  if (detail.unstated !== '') facts.push(detail.unstated);
  if (forkShare !== null) {
    const known =
      forkProbability === null
        ? ''
        : `, next token ${formatProbability(Math.min(1, forkProbability))}`;
    facts.push(`at this fork ${formatProbability(forkShare)}${known}`);
  }
  const { title, label, alternatives } = detail;
  return { title, label, facts, alternatives, others };
}

/** Places in a river's samples that are lit; `null` when nothing is. */
export function litPlaces(river: River | undefined, lit: Lit | null): ReadonlySet<number> | null {
  const indexes = river && lit?.get(river.id);
  if (!river || !indexes) return null;
  return new Set(
    river.samples.flatMap(({ sample }, place) => (indexes.has(sample.index) ? [place] : [])),
  );
}

/** What the samples at `places` run through; everything else steps back. */
export function wayOf(shape: RiverShape, places: ReadonlySet<number>): ReadonlySet<string> {
  const touches = (members: readonly number[]) => members.some((place) => places.has(place));
  return new Set([
    ...shape.bands.filter((band) => touches(band.places)).map((band) => band.id),
    ...shape.flows.filter((flow) => touches(flow.places)).map((flow) => flow.id),
    ...shape.ends.filter((end) => touches(end.places)).map((end) => endMark(end.answer.key)),
  ]);
}

/** The mark that a key leads to from `mark`; `null` when the key leads nowhere. */
export function markAfter(order: readonly string[], mark: string, key: string): string | null {
  if (key === 'Home') return order[0] ?? null;
  if (key === 'End') return order.at(-1) ?? null;
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
  return step === undefined ? null : (order[order.indexOf(mark) + step] ?? null);
}
