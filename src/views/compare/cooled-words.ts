/** The control "the parent, cooled" in words. Pure. */

import type { CooledPoint } from '../../core/sets/cooling.ts';
import type { Comparison } from '../../core/sets/comparison.ts';
import { directionOf } from '../../core/sets/pair-figures.ts';
import type { Estimate } from '../../core/sets/resampling.ts';
import type { SetFigures } from '../../core/sets/run-figures.ts';
import { MIN_WRONG_IMAGES, samplesPerWrongImage } from '../../core/wrong-image.ts';
import type { CooledControl } from '../../state/cooled-control.ts';
import { formatSeconds } from '../../ui/format-amount.ts';
import type { StoredRun } from '../evaluate/evaluate-types.ts';
import { changeRow, type ChangeRow } from './compare-words.ts';

/** What the control says: of the paired difference in right answers at equal sharpness. */
export type CooledVerdict = 'more' | 'open' | 'less' | 'none';

export function cooledVerdict({ comparison }: CooledControl): CooledVerdict {
  if (comparison === null) return 'none';
  const direction = directionOf(comparison.paired.all.change.sampleAccuracy);
  if (direction === 'unknown') return 'none';
  return direction === 'up' ? 'more' : direction === 'down' ? 'less' : 'open';
}

const ENDS: Readonly<Record<Exclude<CooledVerdict, 'none'>, string>> = {
  more: 'Training did more than cool.',
  open: 'Training is not told apart from cooling, which needs no training.',
  less: 'Training did less than cooling would.',
};

/** What came of it, in a sentence or three; `null` before there is anything to say. */
export function controlSentence(
  control: CooledControl,
  parent: string,
  child: string,
): string | null {
  const { state, curve, child: after } = control;
  const own = curve.at(-1);
  if (state.kind === 'not-sharper' && own) {
    return (
      `${child} is no sharper than ${parent} (${nats(after)} against ${nats(own)} nats): ` +
      'cooling has nothing to explain here, and the control says nothing.'
    );
  }
  if (state.kind === 'matched') return matchedSentence(control, state.point, parent, child);
  const nearest =
    state.kind === 'unreachable' ? state.nearest : nearestOf(measuredOf(curve), after.entropyNats);
  if (nearest === null) return null;
  const reached = `${parent} at T = ${String(nearest.temperature)} has ${nats(nearest)} nats, ${child} ${nats(after)}`;
  return state.kind === 'unreachable'
    ? `No temperature makes ${parent} as sharp as ${child}: the nearest, ${reached}. So the control claims nothing.`
    : `Not as sharp yet: the nearest, ${reached}. Until they meet, the control claims nothing.`;
}

function matchedSentence(
  control: CooledControl,
  point: CooledPoint,
  parent: string,
  child: string,
): string | null {
  const verdict = cooledVerdict(control);
  if (control.comparison === null || verdict === 'none') return null;
  const { change } = control.comparison.paired.all;
  return (
    `Cooled to T = ${String(point.temperature)}, ${parent} is as sharp as ${child} ` +
    `(${nats(point)} against ${nats(control.child)} nats), and ${percent(point)} of its answers are right. ` +
    `Of ${child}’s ${percent(control.child)} are: ${pointsWords(change.sampleAccuracy)}. ${ENDS[verdict]}`
  );
}

const nats = ({ entropyNats }: CooledPoint): string => entropyNats.toFixed(2);
const percent = ({ sampleAccuracy }: CooledPoint): string =>
  `${(100 * sampleAccuracy).toFixed(0)}\u00a0%`;

/** Those that were asked for the control. */
const measuredOf = (curve: CooledControl['curve']): CooledControl['curve'] => curve.slice(1, -1);

function nearestOf(points: readonly CooledPoint[], entropyNats: number): CooledPoint | null {
  const distance = (point: CooledPoint): number => Math.abs(point.entropyNats - entropyNats);
  return points.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** `9 points more (3 to 15)`, `4 points less (1 to 7)`, `2 points more (3 less to 7 more)`. */
export function pointsWords({ value, interval }: Estimate): string {
  if (value === null) return 'no difference is known';
  const amount = points(Math.abs(value));
  const head = `${amount} ${amount === '1' ? 'point' : 'points'} ${value < 0 ? 'less' : 'more'}`;
  if (interval === null) return head;
  const { lower, upper } = interval;
  if (lower < 0 && upper > 0) return `${head} (${points(-lower)} less to ${points(upper)} more)`;
  const [low = 0, high = 0] = [Math.abs(lower), Math.abs(upper)].sort((a, b) => a - b);
  return `${head} (${points(low)} to ${points(high)})`;
}

/** Of a hundred; a tenth is told only where less than one is left. */
function points(share: number): string {
  const amount = 100 * share;
  return amount > 0 && amount < 0.95 ? amount.toFixed(1) : amount.toFixed(0);
}

/** Milliseconds a sample of a run took; `null` where it was not run in this browser, or not yet. */
export function paceMs(
  run: Pick<StoredRun, 'origin' | 'elapsedMs' | 'done' | 'settings'>,
): number | null {
  const { sampler, nulls } = run.settings;
  const { k } = sampler;
  const samples = nulls ? 2 * k + MIN_WRONG_IMAGES * samplesPerWrongImage(k) : k;
  return run.origin === 'here' && run.done > 0 ? run.elapsedMs / (run.done * samples) : null;
}

/** What it takes, before it starts. @param pace as `paceMs` of the parent's run */
export function costWords(items: number, k: number, runs: number, pace: number | null): string {
  const samples = runs * items * k;
  const time =
    pace === null
      ? ''
      : `, about ${formatSeconds((samples * pace) / 1000)} at the pace of the parent’s run`;
  return `${String(items)} items × ${String(k)} samples × at most ${String(runs)} temperatures: up to ${samples.toLocaleString('en-US')} samples${time}.`;
}

/** Cooled parent and child, figure by figure. */
export function cooledRows({ paired, pairs }: Comparison): readonly ChangeRow[] {
  const { all } = paired;
  const last = all.change.passAtK.findLast(({ items }) => items.value === pairs)?.k ?? 1;
  const atLast = (figures: SetFigures) => figures.passAtK.find(({ k }) => k === last)?.support;
  const rows: readonly (readonly [
    string,
    string,
    (figures: SetFigures) => Estimate | undefined,
  ])[] = [
    ['entropy', 'Answer entropy, nats: made equal', (figures) => figures.entropyNats],
    ['right', 'Right, share of answers: decides', (figures) => figures.sampleAccuracy],
    ['informative', 'S at the informative k', (figures) => figures.informativeSupport],
    ['support', `S within ${String(last)} samples`, atLast],
    ['accuracy', 'A, right at once: cooling leaves it as it is', (figures) => figures.accuracyAt1],
  ];
  return rows.map(([id, label, read]) => changeRow({ id, label, read }, all));
}
