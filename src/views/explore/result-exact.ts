/**
 * The exact bounds of a run put on its bars and curves. Pure, and apart from `resultView`: bounds tighten
 * many times a second, and nothing else of the result changes with them.
 */

import { isDrawable } from '../../charts/exact-mark.ts';
import type { BoundPoint } from '../../charts/pass-at-k-series.ts';
import { passAtKBounds, pCorrectBounds, type AnswerBounds } from '../../core/answer-bounds.ts';
import { residualWords } from '../../core/bounds-words.ts';
import type { CheckpointBounds } from '../../state/exact-bounds.svelte.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import { nameOfBounds } from './exact-words.ts';
import type { ResultView } from './result-view.ts';

/**
 * @param group the run that `view` was made from
 * @param bounds those of the same run; a checkpoint that has none, or too wide ones, is left as it is
 */
export function withExact(
  view: ResultView,
  group: RunGroup,
  bounds: readonly CheckpointBounds[],
): ResultView {
  const { question } = group.first.record;
  const drawn = new Map<string, AnswerBounds>();
  for (const { checkpointId, progress } of bounds) {
    if (progress && isDrawable(progress.bounds)) drawn.set(checkpointId, progress.bounds);
  }
  const exactCurve = (exact: AnswerBounds, ks: readonly number[]): readonly BoundPoint[] | null => {
    const pCorrect = pCorrectBounds(exact, question);
    return pCorrect && ks.map((k) => ({ k, ...passAtKBounds(pCorrect, k) }));
  };
  return {
    ...view,
    bars: view.bars.map((series) => {
      const exact = drawn.get(series.id);
      return exact ? { ...series, exact } : series;
    }),
    curves: view.curves.map((series) => {
      const found = drawn.get(series.id);
      const ks = series.points.map(({ k }) => k);
      const exact = found ? exactCurve(found, ks) : null;
      return exact ? { ...series, exact } : series;
    }),
    facts: {
      ...view.facts,
      exact: tooWideWords(bounds),
      boundsName:
        nameOfBounds(bounds.filter(({ checkpointId }) => drawn.has(checkpointId))) ?? 'exact',
    },
  };
}

/** Why ended bounds are not drawn; empty when they are, or when there are none. */
function tooWideWords(bounds: readonly CheckpointBounds[]): string {
  const wide = bounds.flatMap(({ checkpointId, phase, progress }) => {
    const isOver = phase !== 'waiting' && phase !== 'running';
    return isOver && progress && !isDrawable(progress.bounds)
      ? [`${checkpointId} ${residualWords(progress.bounds.residual)}`]
      : [];
  });
  const words =
    nameOfBounds(bounds) === 'bounded'
      ? 'bounds not drawn: too much outside the lists'
      : 'exact not drawn: too much unexplored';
  return wide.length === 0 ? '' : `${words} (${wide.join(', ')})`;
}
