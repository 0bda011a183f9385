/**
 * Medical VQA sets in the JSONL of the released code (armenjeddi/medbridgerl): one question a line with
 * `dataset_name, dataset_index, image_paths, question, options, options_dict, answer_label, answer`.
 * Lines without options are free-form. A line that cannot be asked is named with its reason, and the
 * others are kept. How free-form answers are graded is chosen later: `vqa-grading.ts`.
 */
import * as v from 'valibot';
import { optionLetter } from '../core/question.ts';
import type { Question } from '../core/types.ts';
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
  /** Number of the item in its set: `dataset_index`, or the line where that is no number. */
  readonly index: number;
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

/** Takes the lines of a file one by one. */
export class VqaReader {
  private readonly items: VqaItem[] = [];
  private readonly problems: VqaProblem[] = [];
  /** Line of each item by set and number. */
  private readonly lineOf = new Map<string, number>();

  /** @param name of the set where a line has none */
  constructor(private readonly name: string) {}

  /** @param text of the line; `null` where it was too long to be read */
  add(line: number, text: string | null): void {
    const read = text === null ? 'This line is too long to be read.' : readLine(text, line);
    if (typeof read === 'string') {
      this.problems.push({ line, message: read });
      return;
    }
    const item = { ...read, dataset: read.dataset === '' ? this.name : read.dataset };
    const key = `${item.dataset}/${String(item.index)}`;
    const known = this.lineOf.get(key);
    if (known === undefined) {
      this.lineOf.set(key, line);
      this.items.push(item);
    } else {
      const message = `${item.dataset} has an item ${String(item.index)} already, on line ${String(known)}.`;
      this.problems.push({ line, message });
    }
  }

  /** What was read so far. */
  file(): VqaFile {
    return { items: [...this.items], problems: [...this.problems] };
  }
}

/** The item of a line, or why it cannot be asked. Its set is empty where the line names none. */
function readLine(text: string, line: number): VqaItem | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'This line is not valid JSON.';
  }
  const parsed = v.safeParse(Line, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue);
    return path === null ? issue.message : `${path}: ${issue.message}`;
  }
  const { dataset_name, dataset_index, image_paths } = parsed.output;
  const paths = typeof image_paths === 'string' ? [image_paths] : (image_paths ?? []);
  const [imagePath] = paths;
  if (imagePath === undefined || imagePath.trim() === '') return 'image_paths names no image.';
  if (paths.length > 1) {
    return `It asks about ${String(paths.length)} images, and one is shown at a time.`;
  }
  const question = questionOf(parsed.output);
  if (typeof question === 'string') return question;
  const [wrong] = validateQuestion(question);
  if (wrong) return wrong.message;
  return {
    line,
    dataset: dataset_name?.trim() ?? '',
    index: indexOf(dataset_index, line),
    imagePath: imagePath.trim().replaceAll('\\', '/'),
    question,
  };
}

/** Numbers as they are, also as text; anything else gives way to the line. */
function indexOf(given: number | string | null | undefined, line: number): number {
  const text = String(given ?? '').trim();
  const index = Number(text);
  return /^\d+$/u.test(text) && Number.isSafeInteger(index) ? index : line;
}

/** The question, or why it cannot be asked. */
function questionOf(line: Line): Question | string {
  const { question: text, answer, answer_label } = line;
  const options = optionsOf(line);
  if (typeof options === 'string') return options;
  if (options.length === 0) return freeForm(text, String(answer ?? '').trim());
  const label = answer_label?.trim().toUpperCase() ?? '';
  const byLabel = options.findIndex((_, index) => optionLetter(index) === label);
  const byText = placeOf(String(answer ?? '').trim(), options);
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

function freeForm(text: string, answer: string): Question {
  return {
    text,
    options: [],
    correctOptions: [],
    referenceAnswer: answer === '' ? null : answer,
  };
}

/** An answer as the option is written, else but for its case (`yes` of `Yes`, `No`); −1 for none. */
function placeOf(answer: string, options: readonly string[]): number {
  const exact = options.indexOf(answer);
  const lower = (text: string): string => text.toLowerCase();
  return exact >= 0 ? exact : options.findIndex((option) => lower(option) === lower(answer));
}
