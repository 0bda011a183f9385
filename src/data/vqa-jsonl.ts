/**
 * Medical VQA sets in the JSONL of the released code (armenjeddi/medbridgerl): one question a line with
 * `dataset_name, dataset_index, image_paths, question, options, options_dict, answer_label, answer`.
 * Lines without options are free-form. A line that cannot be asked is named with its reason, and the
 * others are kept.
 */
import * as v from 'valibot';
import { optionLetter } from '../core/question.ts';
import type { Grading, Question } from '../core/types.ts';
import { validateQuestion } from '../core/validate.ts';

const Text = v.pipe(v.string(), v.trim());
const Scalar = v.union([v.string(), v.number(), v.boolean()]);

const Line = v.looseObject({
  question: v.pipe(Text, v.nonEmpty('question is empty')),
  dataset_name: v.nullish(v.string()),
  dataset_index: v.nullish(v.union([v.number(), v.string()])),
  image_paths: v.nullish(v.union([v.string(), v.array(v.string())])),
  options: v.nullish(v.array(Scalar)),
  options_dict: v.nullish(v.record(v.string(), Scalar)),
  answer_label: v.nullish(v.string()),
  answer: v.nullish(Scalar),
});

type Line = v.InferOutput<typeof Line>;

export interface VqaItem {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly dataset: string;
  /** `dataset_index` of the file, or the line. */
  readonly index: string;
  /** As written, with `/` between folders. */
  readonly imagePath: string;
  readonly question: Question;
}

export interface VqaProblem {
  readonly line: number;
  readonly message: string;
}

export interface VqaFile {
  readonly items: readonly VqaItem[];
  readonly problems: readonly VqaProblem[];
}

/** How a set's free-form answers are graded beside the normalised match. */
export type VqaGrading =
  | { readonly by: 'normalized' }
  | { readonly by: 'pattern'; readonly source: string }
  /** Groups of texts that mean the same. */
  | { readonly by: 'synonyms'; readonly groups: readonly (readonly string[])[] };

/** @param name of the set where a line has none */
export function readVqaFile(text: string, name: string, grading: VqaGrading): VqaFile {
  const items: VqaItem[] = [];
  const problems: VqaProblem[] = [];
  text.split(/\r?\n/u).forEach((content, at) => {
    if (content.trim() === '') return;
    const read = readLine(content, at + 1, name, grading);
    if ('message' in read) problems.push(read);
    else items.push(read);
  });
  return { items, problems };
}

function readLine(
  content: string,
  line: number,
  name: string,
  grading: VqaGrading,
): VqaItem | VqaProblem {
  const problem = (message: string): VqaProblem => ({ line, message });
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    return problem('This line is not valid JSON.');
  }
  const parsed = v.safeParse(Line, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    return problem(path === null ? issue.message : `${path}: ${issue.message}`);
  }
  const { dataset_name, dataset_index, image_paths } = parsed.output;
  const paths = typeof image_paths === 'string' ? [image_paths] : (image_paths ?? []);
  const [imagePath] = paths;
  if (imagePath === undefined || imagePath.trim() === '') {
    return problem('image_paths names no image.');
  }
  if (paths.length > 1) {
    return problem(`It asks about ${String(paths.length)} images, and one is shown at a time.`);
  }
  const question = questionOf(parsed.output, grading);
  if (typeof question === 'string') return problem(question);
  const [wrong] = validateQuestion(question);
  if (wrong) return problem(wrong.message);
  return {
    line,
    dataset: dataset_name?.trim() ? dataset_name.trim() : name,
    index: String(dataset_index ?? line),
    imagePath: imagePath.replaceAll('\\', '/'),
    question,
  };
}

/** The question, or why it cannot be asked. */
function questionOf(line: Line, grading: VqaGrading): Question | string {
  const { question: text, answer, answer_label } = line;
  const options = optionsOf(line);
  if (typeof options === 'string') return options;
  if (options.length === 0) return freeForm(text, String(answer ?? '').trim(), grading);
  const label = answer_label?.trim().toUpperCase() ?? '';
  const byLabel = options.findIndex((_, index) => optionLetter(index) === label);
  const byText = options.indexOf(String(answer ?? '').trim());
  if (label !== '' && byLabel < 0) return `answer_label ${label} is none of the options.`;
  if (byLabel >= 0 && byText >= 0 && byLabel !== byText) {
    return `answer_label says ${label}, and answer is option ${optionLetter(byText)}.`;
  }
  const right = byLabel >= 0 ? byLabel : byText;
  if (right < 0 && answer !== null && answer !== undefined) return 'answer is none of the options.';
  return {
    text,
    options,
    correctOptions: right < 0 ? [] : [right],
    referenceAnswer: null,
  };
}

/** Texts by letter, from the list or the table; both have to say the same. */
function optionsOf({ options, options_dict }: Line): readonly string[] | string {
  const listed = (options ?? []).map((option) => withoutLetter(String(option).trim()));
  const entries = Object.entries(options_dict ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const inOrder = entries.every(([letter], index) => letter.toUpperCase() === optionLetter(index));
  if (!inOrder) return 'The letters of options_dict are not A, B, C … without a gap.';
  const table = entries.map(([, option]) => String(option).trim());
  if (table.length === 0) return listed;
  if (listed.length > 0 && listed.join('\n') !== table.join('\n')) {
    return 'options and options_dict differ.';
  }
  return table;
}

/** Some files write the letter into the option: `A: liver`, `(B) kidney`. */
function withoutLetter(option: string): string {
  return /^\(?[A-Z][).:]\s+(.+)$/su.exec(option)?.[1] ?? option;
}

function freeForm(text: string, answer: string, grading: VqaGrading): Question {
  const question = {
    text,
    options: [],
    correctOptions: [],
    referenceAnswer: answer === '' ? null : answer,
  };
  const own = answer === '' ? null : gradingOf(answer, grading);
  return own ? { ...question, grading: own } : question;
}

function gradingOf(answer: string, grading: VqaGrading): Grading | null {
  if (grading.by === 'pattern') {
    // `{answer}` in the pattern is the line's own answer, taken literally.
    const literal = answer.replace(/[$()*+./?[\\\]^{|}]/gu, '\\$&');
    return { by: 'pattern', source: grading.source.replaceAll('{answer}', () => literal) };
  }
  if (grading.by === 'normalized') return null;
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const group = grading.groups.find((texts) => texts.some((one) => same(one.trim(), answer)));
  return group ? { by: 'synonyms', accepted: group } : null;
}

/** Synonyms as people type them: a group a line, `=` or `,` between texts. */
export function parseSynonyms(text: string): readonly (readonly string[])[] {
  return text
    .split(/\r?\n/u)
    .map((line) =>
      line
        .split(/[=,]/u)
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    .filter((group) => group.length > 1);
}
