/**
 * One line of a run file, checked. The pixels' SHA-256 is not compared here: browsers hash
 * asynchronously only.
 */
import * as v from 'valibot';
import type { ItemRecord, RgbImage } from '../core/types.ts';
import { NamedError } from '../protocol/errors.ts';
import { ItemLine } from './run-file-schema.ts';
import type { RunFileHeader } from './run-lines.ts';
import { HeaderLine, PixelsLine, PlanLine, RUN_FORMAT, SET_VERSION } from './set-file-schema.ts';
import type { StoredItem } from './stored-run.ts';

export interface LineProblem {
  /** Line number in the file, from 1. */
  readonly line: number;
  readonly message: string;
}

export type RunLine =
  | { readonly type: 'plan'; readonly item: StoredItem }
  | { readonly type: 'pixels'; readonly sha256: string; readonly image: RgbImage }
  | { readonly type: 'item'; readonly record: ItemRecord; readonly image: RgbImage | null };

const Envelope = v.object({
  type: v.literal('run'),
  format: v.literal(RUN_FORMAT),
  formatVersion: v.number(),
});

/** @throws NamedError `RunFileInvalid` when it is none, is broken, or of a newer version */
export function readHeader(text: string): RunFileHeader {
  const json = parseJson(text);
  const envelope = v.safeParse(Envelope, json?.value);
  if (!envelope.success) {
    throw new NamedError(
      'RunFileInvalid',
      'This is not a run of Supportlens: its first line is no header. Choose a .jsonl file that was exported here.',
    );
  }
  if (envelope.output.formatVersion > SET_VERSION) {
    throw new NamedError(
      'RunFileInvalid',
      `The run was written in format ${envelope.output.formatVersion}; this version of Supportlens reads up to ${SET_VERSION}. Reload the page to get the newest one.`,
    );
  }
  const header = v.safeParse(HeaderLine, json?.value);
  if (!header.success) {
    const reason = issueText(header.issues);
    throw new NamedError('RunFileInvalid', `The header of the run file is broken. ${reason}.`);
  }
  const { runId, createdAt, app } = header.output;
  const set = 'set' in header.output ? header.output.set : null;
  return { runId, createdAt, app, ...(set && { set }) };
}

/** Any line but the first; the reason as a sentence when it is broken. */
export function readLine(text: string, runId: string): RunLine | string {
  const json = parseJson(text);
  if (!json) return 'This line is not valid JSON.';
  const line = readKnownLine(json.value);
  if (typeof line === 'string' || line.type === 'pixels') return line;
  const { type, runId: own } = line;
  if (own !== runId) return `This ${type} belongs to another run, ${own}.`;
  if (type === 'plan') {
    const { itemId, image, question, wrongImages } = line;
    return { type, item: { itemId, image, question, wrongImages } };
  }
  return itemOf(line);
}

function itemOf({ type, rgb, ...record }: v.InferOutput<typeof ItemLine>): RunLine {
  const { width, height } = record.image;
  return { type, record, image: rgb ? { width, height, data: rgb } : null };
}

function readKnownLine(value: unknown) {
  switch (v.is(v.object({ type: v.string() }), value) ? value.type : null) {
    case 'plan': {
      const plan = v.safeParse(PlanLine, value);
      return plan.success ? plan.output : `${issueText(plan.issues)}.`;
    }
    case 'pixels': {
      const pixels = v.safeParse(PixelsLine, value);
      if (!pixels.success) return `${issueText(pixels.issues)}.`;
      const { type, sha256, ...image } = pixels.output;
      return { type, sha256, image };
    }
    default: {
      const item = v.safeParse(ItemLine, value);
      return item.success ? item.output : `${issueText(item.issues)}.`;
    }
  }
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
