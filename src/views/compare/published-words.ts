/** Published curves as the chart takes them, and what may be said of them. Pure. */
import type { ChartFacts } from '../../charts/chart-facts.ts';
import type { PassAtKSeries } from '../../charts/pass-at-k-series.ts';
import { formatDifference } from '../../core/format.ts';
import type { PublishedCurve, PublishedFigures } from '../../state/published.svelte.ts';

export function publishedSeries(curves: readonly PublishedCurve[]): readonly PassAtKSeries[] {
  return curves.map(({ id, title, stage, points }) => ({
    ...{ id, title, stage },
    points: points.map(({ k, value }) => ({ k, unbiased: value, empirical: null, chance: null })),
  }));
}

/** Reading two lines off a plot leaves this much open between them. */
const sameWithin = (readingError: number): number => 2 * readingError;
/** A curve that gains less from being asked 64 times hardly varies its answers. */
const FLAT = 0.1;

/**
 * What each RL run did, from the points themselves: at k = 1 and at the largest k at which neither line is
 * hidden, and whether its own curve still rises.
 *
 * @param readingError half width of what reading the plot leaves open
 */
export function publishedReading(
  curves: readonly PublishedCurve[],
  readingError: number,
): readonly string[] {
  const base = curves.find(({ stage }) => stage === 'base');
  if (!base) return [];
  return curves
    .filter(({ stage }) => stage === 'rl')
    .flatMap((curve) => {
      const both = curve.points.flatMap(({ k, value }) => {
        const before = base.points.find((point) => point.k === k)?.value ?? null;
        return value === null || before === null ? [] : [{ k, value, change: value - before }];
      });
      const [first, last] = [both[0], both.at(-1)];
      if (!first || !last) return [];
      const beside = (change: number): string =>
        Math.abs(change) <= sameWithin(readingError) + 1e-9
          ? 'level with the base'
          : `${formatDifference(change)} against the base`;
      const rise = last.value - first.value;
      const flat =
        rise < FLAT
          ? ` It hardly gains by being asked more often (${formatDifference(rise)}): its answers have lost their diversity.`
          : '';
      return [
        `${curve.title}: ${beside(first.change)} at k = ${String(first.k)}, ${beside(last.change)} at k = ${String(last.k)}.${flat}`,
      ];
    });
}

/** What has to be known before the curves are believed. */
export const PUBLISHED_CAVEATS: readonly string[] = [
  'Half of the questions are closed, with few possible answers, and guessing passes many of them at large k. The source does not say how many options each has, so no chance line is drawn.',
  'The answers were not graded again here: part of the gain at k = 1 is format, an answer that can be read, and not knowledge.',
];

export function publishedFacts({ source, choice, setTitle, curves }: PublishedFigures): ChartFacts {
  const sampling = `T ${String(source.temperature)}, top-p ${String(source.topP)}, ${String(source.n)} samples a question`;
  const reading = `read off a plot, ±${String(source.readingError)}`;
  return {
    line: `published, not measured here · ${reading} · a gap: hidden under another line · ${sampling}`,
    full: [
      `Published, not measured here: Qwen2.5-VL ${choice.size}, ${setTitle}`,
      ...curves.map(({ title, about }) => `${title}: ${about}`),
      `Sampling: ${sampling}; points ${reading}; a gap is hidden under another line`,
      `Source: ${source.name}, ${source.place}, ${source.license}`,
      ...PUBLISHED_CAVEATS,
    ],
    name: `published ${choice.size} ${setTitle}`,
  };
}
