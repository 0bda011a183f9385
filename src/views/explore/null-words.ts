/** The nulls of a result for charts and captions, and why something of them is missing. Pure. */

import type { NullCounts, NullCurve } from '../../charts/null-series.ts';
import type { NullsSummary } from '../../core/null-summary.ts';
import type { AnswerTally } from '../../core/tally.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import type { RunPlan, RunStatus } from '../../state/run-session.svelte.ts';
import type { ResultPanel } from './result-panel.ts';

const countsOf = ({ outcomes }: AnswerTally): ReadonlyMap<string | null, number> =>
  new Map(outcomes.map(({ answer, count }) => [answer, count]));

export function nullCounts(nulls: NullsSummary | null): readonly NullCounts[] {
  const { secondSeed = null, wrongImages = null } = nulls ?? {};
  return [
    ...(secondSeed ? [{ kind: 'second-seed' as const, tally: secondSeed.tally }] : []),
    ...(wrongImages ? [{ kind: 'wrong-images' as const, tally: wrongImages.tally }] : []),
  ].map(({ kind, tally }) => ({ kind, n: tally.n, counts: countsOf(tally) }));
}

export function nullCurves(nulls: NullsSummary | null): readonly NullCurve[] {
  const { secondSeed = null, wrongImages = null } = nulls ?? {};
  return [
    { kind: 'second-seed' as const, points: secondSeed?.passAtK ?? [] },
    { kind: 'wrong-images' as const, points: wrongImages?.passAtK ?? [] },
  ].filter(({ points }) => points.length > 0);
}

/** Share of each answer with a wrong image, by answer key; for the ends of the rivers. */
export function blindShares(nulls: NullsSummary | null): Readonly<Record<string, number>> | null {
  const tally = nulls?.wrongImages?.tally;
  if (!tally) return null;
  return Object.fromEntries(tally.outcomes.map(({ answer, share }) => [answer ?? '', share]));
}

const rangeText = (counts: readonly number[]): string => [...new Set(counts)].join(' / ');

/** `second seed 1000010, n = 16; 4 of 35 wrong images, n = 16`; empty without nulls. */
export function nullsCaption(panels: readonly ResultPanel[]): string {
  const all = panels.flatMap(({ summary }) => summary.nulls ?? []);
  const seeds = all.flatMap(({ secondSeed }) => secondSeed ?? []);
  const wrong = all.flatMap(({ wrongImages }) => wrongImages ?? []);
  const [seed] = seeds;
  const [images] = wrong;
  const size = (ones: readonly { readonly tally: AnswerTally }[]): string =>
    `n = ${rangeText(ones.map(({ tally }) => tally.n))}`;
  return [
    ...(seed ? [`second seed ${String(seed.seed)}, ${size(seeds)}`] : []),
    ...(images
      ? [
          `${rangeText(wrong.map((one) => one.images))} of ${String(images.atHand)} wrong images, ${size(wrong)}`,
        ]
      : []),
  ].join('; ');
}

/** Why something is missing, or that it is being drawn; empty when all is there. */
export function nullsNote(
  { first }: RunGroup,
  panels: readonly ResultPanel[],
  status: RunStatus,
  plan: RunPlan | null,
): string {
  if (first.origin === 'live' && (status === 'running' || status === 'loading')) {
    return plan?.nulls ? 'The nulls are still being drawn.' : '';
  }
  const missing = panels.flatMap(({ series: { title }, summary: { nulls } }) => [
    {
      ...{ title, part: 'second seed', reason: nulls?.secondSeedReason ?? null },
      isCut: (nulls?.secondSeed ?? null) !== null,
    },
    {
      ...{ title, part: 'wrong images', reason: nulls?.wrongImagesReason ?? null },
      isCut: (nulls?.wrongImages ?? null) !== null,
    },
  ]);
  const reasons = new Set(missing.flatMap(({ reason }) => reason ?? []));
  const sentences = [...reasons].map((reason) => {
    const ones = missing.filter((one) => one.reason === reason);
    const titles = new Set(ones.map(({ title }) => title));
    const parts = [...new Set(ones.map(({ part }) => part))].join(' and ');
    const whose = titles.size === panels.length ? '' : ` of ${[...titles].join(', ')}`;
    const cut = ones.some(({ isCut }) => isCut) ? ', or not with all of them' : '';
    return `Without ${parts}${whose}${cut}: ${reason}`;
  });
  return sentences.join(' ');
}
