/**
 * A lesson that a teacher writes by hand (docs/lessons.md, public/schema/lesson.schema.json): from the
 * text of a JSON file to its steps, or to a sentence that names the line of what is wrong. Comes with
 * the parser that keeps positions, so it is loaded when a lesson is opened, not before.
 */
import { findNodeAtLocation, type Node, type ParseError, parseTree } from 'jsonc-parser';
import * as v from 'valibot';
import { SAMPLER_RULES } from '../core/validate.ts';
import type { SamplerSettings } from '../core/types.ts';
import { jsonFault, positionOf, repeatedName, type JsonPath } from './json-place.ts';
import { nearestName } from './lesson-spelling.ts';
import { stockFault, type LessonFault, type LessonStock } from './lesson-stock.ts';
import { DATASET_IDS, medmnistSet } from './medmnist.ts';
import { QUESTION_KINDS } from './questions.ts';

const words = (what: string) =>
  v.pipe(
    v.string(`${what} must be text in double quotes`),
    v.trim(),
    v.minLength(1, `${what} is empty`),
  );
const number = v.number('must be a number, without quotes');
const truth = (what: string) => v.boolean(`${what} must be true or false, without quotes`);

const question = v.strictObject(
  {
    kind: v.optional(
      v.picklist(QUESTION_KINDS, `"kind" must be one of ${QUESTION_KINDS.join(', ')}`),
    ),
    text: v.optional(words('"text"')),
    options: v.optional(
      v.pipe(
        v.array(words('an option'), '"options" must be a list in square brackets'),
        v.minLength(2, '"options" must have at least two'),
        v.maxLength(26, '"options" may have 26 at most'),
      ),
    ),
    right: v.optional(
      v.union(
        [v.string(), v.array(v.string())],
        '"right" must be one of the options, or a list of some',
      ),
    ),
    answer: v.optional(words('"answer"')),
  },
  '"question" must be an object in braces',
);

const image = v.strictObject(
  {
    dataset: v.picklist(DATASET_IDS, `"dataset" must be one of ${DATASET_IDS.join(', ')}`),
    index: v.pipe(
      v.number('"index" must be a number, without quotes'),
      v.integer('"index" must be a whole number'),
      v.minValue(0, '"index" must not be below 0'),
    ),
  },
  '"image" must be an object in braces',
);

const sampler = v.strictObject(
  {
    k: v.exactOptional(number),
    temperature: v.exactOptional(number),
    topP: v.exactOptional(number),
    topK: v.exactOptional(number),
    minP: v.exactOptional(number),
    maxNewTokens: v.exactOptional(number),
    seed: v.exactOptional(number),
  },
  '"sampler" must be an object in braces',
);

const step = v.strictObject(
  {
    title: words('"title"'),
    text: words('"text"'),
    look: v.optional(words('"look"')),
    image,
    question: v.optional(question, {}),
    checkpoints: v.pipe(
      v.array(words('a checkpoint'), '"checkpoints" must be a list in square brackets'),
      v.minLength(1, '"checkpoints" is empty'),
      v.maxLength(4, '"checkpoints" may name four at most'),
    ),
    sampler: v.optional(sampler, {}),
    prompt: v.optional(
      v.picklist(['think', 'direct'], '"prompt" must be "think" or "direct"'),
      'think',
    ),
    nulls: v.optional(truth('"nulls"'), true),
    predict: v.optional(truth('"predict"'), false),
  },
  'a step must be an object in braces',
);

const lessonFile = v.strictObject(
  {
    $schema: v.optional(v.string('"$schema" must be text in double quotes')),
    version: v.literal(1, '"version" must be 1'),
    title: words('"title"'),
    steps: v.pipe(
      v.array(step, '"steps" must be a list in square brackets'),
      v.minLength(1, '"steps" is empty'),
    ),
  },
  'the file must hold one object in braces',
);

export type WrittenStep = v.InferOutput<typeof step>;
export type WrittenQuestion = v.InferOutput<typeof question>;
export type WrittenLesson = v.InferOutput<typeof lessonFile>;

export type WrittenOutcome =
  | { readonly lesson: WrittenLesson; readonly problem: null }
  /** `Step 3, line 12, column 5: …`, a sentence. */
  | { readonly lesson: null; readonly problem: string };

/** Reads the text of a lesson file, for a page that has `stock`. */
export function readLesson(fileText: string, stock: LessonStock): WrittenOutcome {
  // Windows' editors begin a file with a mark that JSON does not know.
  const text = fileText.replace(/^\uFEFF/, '');
  if (text.trim() === '') return broken(text, 0, 'the file is empty');
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true });
  const [error] = errors;
  if (error) return broken(text, error.offset, jsonFault(text, error.error, error.offset));
  if (!tree) return broken(text, 0, 'this is no JSON');
  const repeated = repeatedName(tree);
  if (repeated) return broken(text, repeated.offset, `"${repeated.name}" is there twice`);
  const parsed = v.safeParse(lessonFile, valueOf(tree));
  const fault = parsed.success
    ? stepsFault(parsed.output.steps, stock)
    : schemaFault(parsed.issues);
  if (fault) return broken(text, offsetOf(tree, fault.path), fault.message, stepOf(fault.path));
  return parsed.success
    ? { lesson: parsed.output, problem: null }
    : broken(text, 0, parsed.issues[0].message);
}

/** @param step from 1; `null` for what is no part of one */
function broken(
  text: string,
  offset: number,
  message: string,
  step: number | null = null,
): WrittenOutcome {
  const { line, column } = positionOf(text, offset);
  const place = `${step === null ? 'Line' : `Step ${String(step)}, line`} ${String(line)}, column ${String(column)}`;
  return { lesson: null, problem: `${place}: ${message}${message.endsWith('?') ? '' : '.'}` };
}

const stepOf = ([list, at]: JsonPath): number | null =>
  list === 'steps' && typeof at === 'number' ? at + 1 : null;

function valueOf(node: Node): unknown {
  const { type, children = [] } = node;
  if (type === 'array') return children.map(valueOf);
  if (type !== 'object') return node.value as unknown;
  return Object.fromEntries(
    children.map(({ children: [name, value] = [] }) => [name?.value, value && valueOf(value)]),
  );
}

/** Where a value begins; for one that is missing, what it is missing from. */
function offsetOf(tree: Node, path: JsonPath): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (!node) continue;
    const { parent } = node;
    // Of a name that nobody knows the name is shown, not what stands behind it.
    return parent?.type === 'property' ? parent.offset : node.offset;
  }
  return 0;
}

/** The parts that have parts themselves, by their name. */
const PARTS = { image, question, sampler } as const;

/** The names that are known beside one that is not. */
function knownNames(path: JsonPath): readonly string[] {
  const parent = path.at(-2);
  if (parent === undefined) return Object.keys(lessonFile.entries);
  const part = Object.entries(PARTS).find(([name]) => name === parent)?.[1] ?? step;
  return Object.keys(part.entries);
}

function unknownName(name: string, path: JsonPath): string {
  const known = knownNames(path);
  const meant = nearestName(name, known);
  return meant === null
    ? `"${name}" is not known here; what may stand here is ${known.filter((one) => one !== '$schema').join(', ')}`
    : `"${name}" is not known here: did you mean "${meant}"?`;
}

type Issue = v.InferIssue<typeof lessonFile>;

const isUnknownName = ({ type, expected }: Issue): boolean =>
  type === 'strict_object' && expected === 'never';

function schemaFault(issues: readonly [Issue, ...Issue[]]): LessonFault {
  // A name that is misspelt is missing too: the misspelling says more.
  const issue = issues.find(isUnknownName) ?? issues[0];
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const name = String(path.at(-1) ?? '');
  if (isUnknownName(issue)) {
    return { path, message: unknownName(name, path) };
  }
  if (issue.type === 'strict_object' && issue.received === 'undefined') {
    return { path, message: `"${name}" is missing here` };
  }
  const isKnob = path.at(-2) === 'sampler';
  return { path, message: isKnob ? `"${name}" ${issue.message}` : issue.message };
}

/** What the single values do not show: how those of a step fit together. */
function stepsFault(steps: readonly WrittenStep[], stock: LessonStock): LessonFault | null {
  for (const [at, one] of steps.entries()) {
    const fault =
      imageFault(one) ?? samplerFault(one) ?? questionFault(one) ?? stockFault(one, stock);
    if (fault) return { ...fault, path: ['steps', at, ...fault.path] };
  }
  return null;
}

function imageFault({ image: { dataset, index } }: WrittenStep): LessonFault | null {
  const { splitCounts } = medmnistSet(dataset);
  if (index < splitCounts.test) return null;
  const message = `${dataset} has the test images 0 to ${String(splitCounts.test - 1)}`;
  return { path: ['image', 'index'], message };
}

function samplerFault({ sampler }: WrittenStep): LessonFault | null {
  const given: Partial<SamplerSettings> = sampler;
  for (const { field, accepts, message } of SAMPLER_RULES) {
    const value = given[field];
    if (value !== undefined && !accepts(value)) {
      return { path: ['sampler', field], message: message.replace(/\.$/, '') };
    }
  }
  return null;
}

function questionFault({ question: asked, predict }: WrittenStep): LessonFault | null {
  const { kind, text, options = [], right, answer } = asked;
  const at = (name: string, message: string): LessonFault => ({
    path: ['question', name],
    message,
  });
  const isByHand = text !== undefined;
  if (kind !== undefined && isByHand)
    return at('kind', 'a question has "kind" or "text", not both');
  for (const name of ['options', 'right', 'answer'] as const) {
    if (asked[name] !== undefined && !isByHand)
      return at(name, `"${name}" needs a "text" beside it`);
  }
  if (options.length > 0 && answer !== undefined) {
    return at('answer', 'with "options" the right one is named by "right", not by "answer"');
  }
  const rights = right === undefined ? [] : [right].flat();
  const stranger = rights.find((one) => !options.includes(one));
  if (stranger !== undefined) return at('right', `"${stranger}" is not among the options`);
  if (options.length > 0 && rights.length === options.length) {
    return at('right', 'not every option can be right');
  }
  const twice = options.findIndex((one, place) => options.indexOf(one) !== place);
  if (twice >= 0)
    return { path: ['question', 'options', twice], message: 'this option is there twice' };
  const hasOptions = isByHand ? options.length > 0 : kind !== 'free-form';
  if (predict && !hasOptions) {
    return { path: ['predict'], message: 'a guess needs a question with options to guess among' };
  }
  return null;
}
