/** What can be looked at and pinned in a river: bands, flows into an answer, and ends. */
import type { BandShape, RiverPicture, RiverShape } from './river-shapes.ts';

/** A pinned mark: which samples it stands for, and words for the filter chip. */
export interface RiverSelection {
  readonly river: string;
  readonly mark: string;
  readonly label: string;
  /** `Sample.index` of its samples. */
  readonly sampleIndexes: readonly number[];
}

export interface Alternative {
  readonly text: string;
  readonly share: number;
  readonly probability: number | null;
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

/** The mark's way: itself, its ancestors and its descendants; everything else steps back. */
export function wayOf(shape: RiverShape, mark: string): ReadonlySet<string> {
  const places = new Set(
    shape.bands.find((band) => band.id === mark)?.places ??
      shape.ends.find((end) => endMark(end.answer.key) === mark)?.places ??
      [],
  );
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
