/**
 * The nulls behind a result as charts draw them: what a second seed gives, and what wrong images
 * give. Told apart by line and place, never by colour alone.
 */

export type NullKind = 'second-seed' | 'wrong-images';

/** Counts by answer; answers that the result itself does not have are in `n` only. */
export interface NullCounts {
  readonly kind: NullKind;
  readonly n: number;
  readonly counts: ReadonlyMap<string | null, number>;
}

export interface NullCurve {
  readonly kind: NullKind;
  readonly points: readonly { readonly k: number; readonly value: number }[];
}

export interface NullStyle {
  readonly name: string;
  /** SVG stroke-dasharray; `''` is solid. */
  readonly dash: string;
  /** On which side of its bar the line runs. */
  readonly side: 'above' | 'below';
  readonly meaning: string;
}

export const NULL_STYLES: Readonly<Record<NullKind, NullStyle>> = {
  'second-seed': {
    name: 'second seed',
    dash: '',
    side: 'above',
    meaning:
      'The same checkpoint asked the same again with another seed (the A/A null): how far it is from the result is what chance alone does.',
  },
  'wrong-images': {
    name: 'wrong images',
    dash: '5 2 1 2',
    side: 'below',
    meaning:
      'The same question about images of other classes (the wrong-image null): what the prompt and the model’s habits give without seeing this image.',
  },
};

export const shareOf = ({ n, counts }: NullCounts, answer: string | null): number =>
  n === 0 ? 0 : (counts.get(answer) ?? 0) / n;

/** The largest of their shares; 0 without nulls. */
export const reachOf = (nulls: readonly NullCounts[], answer: string | null): number =>
  Math.max(0, ...nulls.map((one) => shareOf(one, answer)));

/** `second seed: 5 of 16`, for the words of a row. */
export const countWords = (one: NullCounts, answer: string | null): string =>
  `${NULL_STYLES[one.kind].name}: ${String(one.counts.get(answer) ?? 0)} of ${String(one.n)}`;

/** Answers that only nulls gave have no row; `answers not shown: wrong images 9`, or `''`. */
export function beyondWords(
  nulls: readonly NullCounts[],
  answers: readonly { readonly key: string | null }[],
): string {
  const shown = new Set(answers.map(({ key }) => key));
  const beyond = new Map<string, number>();
  for (const { kind, counts } of nulls) {
    const { name } = NULL_STYLES[kind];
    const count = [...counts].reduce((sum, [key, one]) => sum + (shown.has(key) ? 0 : one), 0);
    if (count > 0) beyond.set(name, (beyond.get(name) ?? 0) + count);
  }
  const parts = [...beyond].map(([name, count]) => `${name} ${String(count)}`);
  return parts.length === 0 ? '' : `answers not shown: ${parts.join(', ')}`;
}
