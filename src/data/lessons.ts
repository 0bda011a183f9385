/**
 * A lesson: steps through the checkpoints, each with an address to follow. The one that ships with
 * the page is written by a measurement (`lessons/`): each of its steps has a claim and the items where
 * it holds. One that a teacher writes has the format of `lesson-file.ts` and no measurement.
 */
import * as v from 'valibot';

const item = v.object({ dataset: v.string(), index: v.pipe(v.number(), v.integer()) });
const text = v.pipe(v.string(), v.trim(), v.minLength(1, 'is empty'));

const step = v.pipe(
  v.object({
    /** Stands in addresses. */
    id: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'may have a–z, 0–9 and - only')),
    title: text,
    /** What one sees, and why. */
    sentence: text,
    /** What to look at. */
    look: text,
    /** What must be seen on an item for it to count: a clause, without a stop. */
    claim: text,
    /** Why this example: a rule among the items that count, a clause as well. */
    example: text,
    checkpoints: v.pipe(v.array(text), v.minLength(1, 'is empty')),
    /** The chosen example. */
    address: v.pipe(v.string(), v.startsWith('#/explore?', 'does not start with #/explore?')),
    holds: v.number(),
    of: v.number(),
    items: v.array(item),
    all: v.pipe(v.array(item), v.minLength(1, 'is empty')),
  }),
  v.check(({ holds, items }) => holds === items.length, 'holds is not the number of items'),
  v.check(({ of, all }) => of === all.length, 'of is not the number of all'),
  v.check(({ items, all }) => {
    const examined = new Set(all.map(keyOf));
    return items.every((one) => examined.has(keyOf(one)));
  }, 'an item is not among all'),
);

const measuredLesson = v.object({
  version: v.literal(1),
  title: text,
  steps: v.pipe(
    v.array(step),
    v.minLength(1, 'is empty'),
    v.check(
      (steps) => new Set(steps.map(({ id }) => id)).size === steps.length,
      'two steps have one id',
    ),
  ),
});

export type LessonItem = v.InferOutput<typeof item>;

/** What was counted over items for a step's claim. */
export interface MeasuredClaim {
  /** Clauses: what was counted, and by which rule the example was chosen. */
  readonly claim: string;
  readonly example: string;
  /** Items where it holds, of those examined. */
  readonly holds: number;
  readonly of: number;
  readonly items: readonly LessonItem[];
  readonly all: readonly LessonItem[];
}

export interface LessonStep {
  /** Stands in addresses. */
  readonly id: string;
  readonly title: string;
  /** What one sees, and why. */
  readonly sentence: string;
  /** What to look at; `null` when the sentence says it. */
  readonly look: string | null;
  readonly checkpoints: readonly string[];
  /** The example: image, question, checkpoints and sampler. */
  readonly address: string;
  /** Students are asked for a guess before the run. */
  readonly predict: boolean;
  /** `null` for a step that a teacher wrote. */
  readonly measured: MeasuredClaim | null;
}

export interface Lesson {
  readonly title: string;
  readonly steps: readonly LessonStep[];
}

/** `bloodmnist/12`, the name of an image in the gallery. */
export function keyOf({ dataset, index }: LessonItem): string {
  return `${dataset}/${String(index)}`;
}

export type LessonOutcome =
  | { readonly lesson: Lesson; readonly problem: null }
  /** `problem` says in a sentence which file is broken and where. */
  | { readonly lesson: null; readonly problem: string };

/** Reads the JSON of the lesson that ships with the page. */
export function parseLesson(json: unknown, fileName: string): LessonOutcome {
  const parsed = v.safeParse(measuredLesson, json);
  if (parsed.success) {
    const { title, steps } = parsed.output;
    return { lesson: { title, steps: steps.map(measuredStep) }, problem: null };
  }
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue);
  const reason = place === null ? issue.message : `${place}: ${issue.message}`;
  return { lesson: null, problem: `${fileName} is broken. ${reason}.` };
}

function measuredStep({
  claim,
  example,
  holds,
  of,
  items,
  all,
  ...told
}: v.InferOutput<typeof step>): LessonStep {
  return { ...told, predict: false, measured: { claim, example, holds, of, items, all } };
}
