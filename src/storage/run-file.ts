/**
 * A run as a JSONL file: one `run` line (what it is), then one `item` line per record with all
 * its samples, and the pixels, so that an import works anywhere. Schema for other programs:
 * `public/schema/run.schema.json`.
 *
 * The pixels' SHA-256 is not compared with `image.sha256` here: browsers hash asynchronously
 * only. Whoever shows the image as that source has to.
 */
import * as v from 'valibot';
import { isCorrect, parseAnswer } from '../core/parser.ts';
import type { ItemNulls, ItemRecord, Question, RgbImage, Sample } from '../core/types.ts';
import { NamedError } from '../protocol/errors.ts';
import { bytesToBase64 } from './run-file-base64.ts';
import {
  HeaderLine,
  ItemLine,
  RUN_FORMAT,
  RUN_FORMAT_VERSION,
  RUN_NOTICE,
} from './run-file-schema.ts';

export interface RunFileHeader {
  readonly runId: string;
  /** ISO 8601 with time zone, e.g. `2026-11-23T03:33:47.000Z`. */
  readonly createdAt: string;
  readonly app: { readonly version: string };
}

export interface RunFileItem {
  readonly record: ItemRecord;
  /** The pixels shown to the model; `null` when the file is written without them. */
  readonly image: RgbImage | null;
}

export interface LineProblem {
  /** Line number in the file, from 1. */
  readonly line: number;
  readonly message: string;
}

export interface RunFile {
  readonly header: RunFileHeader;
  /** The good lines, in the order of the file. */
  readonly items: readonly RunFileItem[];
  /** One entry per broken line. */
  readonly problems: readonly LineProblem[];
}

/** JSON has no NaN and no infinity and would write `null`: better no file than a wrong one. */
function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new NamedError('RunFileInvalid', `The run cannot be written: ${key} is ${value}.`);
  }
  return value;
}

function sampleLine(sample: Sample, question: Question): object {
  const parsed = parseAnswer(sample.text, question);
  return { ...sample, ...parsed, correct: isCorrect(parsed, question) };
}

function nullsLine({ secondSeed, wrongImages }: ItemNulls, question: Question): object {
  const lines = (samples: readonly Sample[]): readonly object[] =>
    samples.map((sample) => sampleLine(sample, question));
  return {
    secondSeed: {
      ...secondSeed,
      drawn: secondSeed.drawn && {
        ...secondSeed.drawn,
        samples: lines(secondSeed.drawn.samples),
      },
    },
    wrongImages: {
      ...wrongImages,
      drawn: wrongImages.drawn && {
        ...wrongImages.drawn,
        images: wrongImages.drawn.images.map(({ image, samples }) => ({
          image,
          samples: lines(samples),
        })),
      },
    },
  };
}

function itemLine({ record, image }: RunFileItem): string {
  const { question, greedy, samples, nulls } = record;
  if (image && (image.width !== record.image.width || image.height !== record.image.height)) {
    throw new NamedError('RunFileInvalid', 'The run cannot be written: image and pixels differ.');
  }
  const line = {
    type: 'item',
    ...record,
    ...(image && { imageRgbBase64: bytesToBase64(image.data) }),
    greedy: greedy && sampleLine(greedy, question),
    samples: samples.map((sample) => sampleLine(sample, question)),
    ...(nulls && { nulls: nullsLine(nulls, question) }),
  };
  return JSON.stringify(line, refuseNonFinite);
}

/**
 * The text of a run file. Each sample also carries its parsed `answer`, the `rule` that found it
 * and `correct`, for people who read the file with pandas; an import ignores and recomputes them.
 *
 * @throws NamedError `RunFileInvalid` when a number is not finite or pixels do not fit.
 */
export function writeRunFile(header: RunFileHeader, items: readonly RunFileItem[]): string {
  const { runId, createdAt, app } = header;
  const first = {
    type: 'run',
    format: RUN_FORMAT,
    formatVersion: RUN_FORMAT_VERSION,
    runId,
    createdAt,
    app: { version: app.version },
    notice: RUN_NOTICE,
  };
  return [JSON.stringify(first), ...items.map(itemLine), ''].join('\n');
}

function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** The first thing wrong, with its place: `samples.3.logProbs.2: Invalid type: …`. */
function issueText(issues: readonly v.BaseIssue<unknown>[]): string {
  const [issue] = issues;
  if (!issue) return 'unknown';
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

const Envelope = v.object({
  type: v.literal('run'),
  format: v.literal(RUN_FORMAT),
  formatVersion: v.number(),
});

function readHeader(text: string): RunFileHeader {
  const json = parseJson(text);
  const envelope = v.safeParse(Envelope, json?.value);
  if (!envelope.success) {
    throw new NamedError(
      'RunFileInvalid',
      'This is not a run of Supportlens: its first line is no header. Choose a .jsonl file that was exported here.',
    );
  }
  if (envelope.output.formatVersion > RUN_FORMAT_VERSION) {
    throw new NamedError(
      'RunFileInvalid',
      `The run was written in format ${envelope.output.formatVersion}; this version of Supportlens reads ${RUN_FORMAT_VERSION}. Reload the page to get the newest one.`,
    );
  }
  const header = v.safeParse(HeaderLine, json?.value);
  if (!header.success) {
    const reason = issueText(header.issues);
    throw new NamedError('RunFileInvalid', `The header of the run file is broken. ${reason}.`);
  }
  const { runId, createdAt, app } = header.output;
  return { runId, createdAt, app };
}

function readItem(text: string, runId: string): RunFileItem | string {
  const json = parseJson(text);
  if (!json) return 'This line is not valid JSON.';
  const item = v.safeParse(ItemLine, json.value);
  if (!item.success) return `${issueText(item.issues)}.`;
  const { type, rgb, ...record } = item.output;
  if (record.runId !== runId) return `This ${type} belongs to another run, ${record.runId}.`;
  const { width, height } = record.image;
  return { record, image: rgb ? { width, height, data: rgb } : null };
}

/**
 * Reads a run file. A broken line is reported and the good ones are kept; blank lines are
 * skipped; CRLF and a byte-order mark are understood.
 *
 * @throws NamedError `RunFileInvalid` for an empty file, no or a broken header, a foreign format
 *   or a newer version.
 */
export function readRunFile(text: string): RunFile {
  const lines = text
    .replace(/^\uFEFF/u, '')
    .split(/\r?\n/u)
    .map((content, index) => ({ content, line: index + 1 }))
    .filter(({ content }) => content.trim() !== '');
  const [first, ...rest] = lines;
  if (!first) throw new NamedError('RunFileInvalid', 'The run file is empty.');
  const header = readHeader(first.content);
  const items: RunFileItem[] = [];
  const problems: LineProblem[] = [];
  for (const { content, line } of rest) {
    const item = readItem(content, header.runId);
    if (typeof item === 'string') problems.push({ line, message: item });
    else items.push(item);
  }
  return { header, items, problems };
}
