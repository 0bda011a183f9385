/** Words of the Probe screen. Pure. */

import type { FeatureKind } from '../../core/probe/features.ts';
import type { SeeOrSay } from '../../core/probe/see-or-say.ts';
import type { Estimate } from '../../core/sets/resampling.ts';
import { changeWords } from '../../core/sets/estimate-words.ts';
import { datasetName } from '../../state/dataset-names.ts';
import type { SeeingChange } from '../../state/seeing.svelte.ts';
import type { VisionJob } from '../../state/vision-job.svelte.ts';

export const KIND_WORDS: Readonly<Record<FeatureKind, string>> = {
  'tower-mean': 'before the projector, mean',
  'tower-max': 'before the projector, max',
  'projector-mean': 'after the projector, mean',
  'projector-max': 'after the projector, max',
};

const PHASE_WORDS = {
  loading: 'Loading',
  encoding: 'Encoding by',
  probing: 'Probing',
} as const;

export function stepWords({
  phase,
  checkpointId,
  dataset,
}: NonNullable<VisionJob['step']>): string {
  return `${PHASE_WORDS[phase]} ${checkpointId}, ${datasetName(dataset)}`;
}

/** Names of the four kinds of item, in the order of `SEEN_AND_SAID`. */
export const SEEN_AND_SAID_WORDS = [
  { title: 'seen and said', meaning: 'The probe tells the class, and the answer is right.' },
  {
    title: 'seen, not said',
    meaning: 'The probe tells the class, the answer is wrong: the language fails.',
  },
  {
    title: 'said, not seen',
    meaning:
      'The answer is right where the probe is wrong: a lucky answer, or a probe with too few images to learn from.',
  },
  { title: 'neither', meaning: 'Probe and answer are both wrong: the vision tower may fail.' },
] as const;

export type GapReading = 'sees more' | 'says more' | 'no clear gap';

/** What the seeing gap says, by its interval. */
export function gapReading({ gap }: Pick<SeeOrSay, 'gap'>): GapReading {
  const { interval } = gap;
  if (interval !== null && interval.lower > 0) return 'sees more';
  return interval !== null && interval.upper < 0 ? 'says more' : 'no clear gap';
}

const READING_WORDS: Readonly<Record<GapReading, string>> = {
  'sees more': 'The tower knows more than the answers say: what is missing is language, not sight.',
  'says more':
    'The answers are better than the probe: it has too few images to learn from, or the wrong features.',
  'no clear gap': 'What is said is, as far as these items tell, what is seen.',
};

/** One or two sentences about a checkpoint on a set. */
export function seeOrSayWords(checkpointId: string, figures: SeeOrSay): string {
  return `${checkpointId}: the probe is right on ${percent(figures.sees)} of ${String(figures.items)} items among the options that were offered, the answer on ${percent(figures.says)}; seeing gap ${changeWords(figures.gap)}. ${READING_WORDS[gapReading(figures)]}`;
}

/** Whether a change is more than images and the probe's seed make by chance. */
export function isClearChange({ value, interval, bySeed }: SeeingChange): boolean {
  if (value === null || interval === null) return false;
  return (interval.lower > 0 || interval.upper < 0) && Math.abs(value) > 2 * bySeed;
}

/** What a step of training changed in what is seen. */
export function changeSentence(child: string, parent: string, change: SeeingChange): string {
  const words = `${changeWords(change)}; another seed of the probe alone changes ${change.bySeed.toFixed(2)}`;
  if (isClearChange(change)) {
    const word = (change.value ?? 0) > 0 ? 'better' : 'worse';
    return `${child} sees ${word} than ${parent}: share of test images that the probe tells right ${words}.`;
  }
  return `${child} sees as ${parent} does, as far as these images and this probe tell: ${words}.`;
}

const percent = ({ value }: Estimate): string =>
  value === null ? '–' : `${String(Math.round(100 * value))} %`;
