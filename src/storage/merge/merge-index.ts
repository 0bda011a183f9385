/**
 * What files of one run have, and where: read once from beginning to end, with nothing kept of a line but its
 * place in the file. Whatever would make one file of several runs ends it, by the name of file and line.
 */

import type { Answerer, ItemRecord } from '../../core/types.ts';
import { sha256Hex } from '../../core/sha256.ts';
import { NamedError } from '../../protocol/errors.ts';
import { settingsDifference, settingsProblem } from '../intake-settings.ts';
import { readHeader, readLine, type RunLine } from '../read-run-line.ts';
import { allAnswersOf } from '../record-answers.ts';
import { answererInOrder, type RunFileHeader, type RunFileSet } from '../run-lines.ts';
import { byteLinesOf, type ByteLine } from './byte-lines.ts';
import { lineAt, type MergeFile, type Span } from './merge-file.ts';
import { MergePlan, otherRun } from './merge-plan.ts';

export type SetHeader = RunFileHeader & { readonly set: RunFileSet };

/** A line that is left out, or what else a reader of the merged file should know. */
export interface MergeProblem {
  readonly file: string;
  /** `null` where it is of the whole file. */
  readonly line: number | null;
  readonly message: string;
}

export class MergeIndex {
  readonly plan = new MergePlan();
  /** By checkpoint and place. */
  readonly records = new Map<string, Map<number, Span>>();
  /** Lines with the pixels of an image, by SHA-256. */
  readonly images = new Map<string, Span>();
  readonly problems: MergeProblem[] = [];
  readonly headers: SetHeader[] = [];
  /** Records that were there already with the same answers. */
  repeated = 0;
  private readonly answerers = new Map<string, Said<Answerer>>();
  private wording: Said<string> | null = null;
  private firstFile: MergeFile | null = null;

  /** @throws NamedError `RunFileInvalid` */
  async read(file: MergeFile): Promise<void> {
    let reading: Reading | null = null;
    for await (const line of byteLinesOf(file.bytes())) {
      if (reading) await this.take(line, reading);
      else reading = { file, header: this.begin(file, line), planned: 0, records: 0 };
    }
    if (!reading) throw new NamedError('RunFileInvalid', `${file.name} is empty.`);
    requirePlan(reading, null);
    const { records, header } = reading;
    if (records >= header.set.done) return;
    const message = `has ${String(records)} of the ${String(header.set.done)} records that its header names`;
    this.problems.push({ file: file.name, line: null, message });
  }

  private begin(file: MergeFile, { text }: ByteLine): SetHeader {
    const header = headerOf(file, text);
    const [first] = this.headers;
    const difference = first && headerDifference(first.set, header.set);
    if (this.firstFile && difference) throw otherRun(file, this.firstFile, `it has ${difference}`);
    this.firstFile ??= file;
    this.headers.push(header);
    this.plan.begin();
    return header;
  }

  private async take({ line, text, start, end }: ByteLine, reading: Reading): Promise<void> {
    const { file, header } = reading;
    const read = text === null ? 'This line is too long.' : readLine(text, header.runId);
    if (typeof read === 'string') {
      requirePlan(reading, `line ${String(line)}: ${read}`);
      this.problems.push({ file: file.name, line, message: read });
      return;
    }
    const span = { file, runId: header.runId, start, end };
    if (read.type === 'plan') {
      await this.takePlan(read.item, span, reading);
      return;
    }
    requirePlan(reading, null);
    const image = await this.takePixels(read, span);
    if (image !== null) this.problems.push({ file: file.name, line, message: image });
    if (read.type !== 'item') return;
    reading.records += 1;
    await this.takeRecord(read.record, span, header, line);
  }

  private async takePlan(
    item: Extract<RunLine, { readonly type: 'plan' }>['item'],
    span: Span,
    reading: Reading,
  ): Promise<void> {
    if (this.headers.length === 1) await this.plan.add(item, span);
    else await this.plan.compare(item, reading.planned, span.file);
    reading.planned += 1;
  }

  /** Why the pixels are left out; `null` where they are not. */
  private async takePixels(
    line: Exclude<RunLine, { readonly type: 'plan' }>,
    span: Span,
  ): Promise<string | null> {
    if (line.image === null) return null;
    const sha256 = line.type === 'pixels' ? line.sha256 : line.record.image.sha256;
    if (this.images.has(sha256)) return null;
    if ((await sha256Hex(line.image.data)) !== sha256) {
      return 'The pixels have another SHA-256 than the line says.';
    }
    this.images.set(sha256, span);
    return null;
  }

  private async takeRecord(
    record: ItemRecord,
    span: Span,
    { set: { settings, shard } }: SetHeader,
    line: number,
  ): Promise<void> {
    const { file } = span;
    const where = `${file.name}, line ${String(line)}`;
    const { checkpointId } = record.answerer;
    const problem = settingsProblem(record, { settings, origin: 'here', answerers: {} });
    if (problem !== null) throw new NamedError('RunFileInvalid', `${where}: ${problem}`);
    this.requireSame(record, file);
    const place = this.plan.placeOf(record, shard);
    if (place === null) {
      const message = `${where}: ${record.itemId} is none of the items that this file answers.`;
      throw new NamedError('RunFileInvalid', message);
    }
    const own = this.records.get(checkpointId) ?? new Map<number, Span>();
    this.records.set(checkpointId, own);
    const before = own.get(place);
    if (before === undefined) {
      own.set(place, span);
      return;
    }
    const { record: known } = await lineAt(before, 'item');
    if (allAnswersOf(known) !== allAnswersOf(record)) {
      throw new NamedError(
        'RunFileInvalid',
        `${before.file.name} and ${where} have different answers of ${checkpointId} to ${record.itemId}. Leave one of the two out.`,
      );
    }
    this.repeated += 1;
  }

  /** One checkpoint is one answerer, and all are asked in the same words. */
  private requireSame({ answerer, promptVersion }: ItemRecord, file: MergeFile): void {
    const { checkpointId } = answerer;
    const known = this.answerers.get(checkpointId);
    const own = answererInOrder(answerer);
    if (known && JSON.stringify(known.value) !== JSON.stringify(own)) {
      const words = `${checkpointId} answered as ${JSON.stringify(own)}, in ${known.file.name} as ${JSON.stringify(known.value)}`;
      throw otherRun(file, known.file, words);
    }
    if (!known) this.answerers.set(checkpointId, { value: own, file });
    this.wording ??= { value: promptVersion, file };
    if (this.wording.value === promptVersion) return;
    const words = `it was asked in the wording ${promptVersion}, not ${this.wording.value}`;
    throw otherRun(file, this.wording.file, words);
  }
}

interface Said<Value> {
  readonly value: Value;
  readonly file: MergeFile;
}

interface Reading {
  readonly file: MergeFile;
  readonly header: SetHeader;
  planned: number;
  records: number;
}

function headerOf(file: MergeFile, text: string | null): SetHeader {
  let header: RunFileHeader;
  try {
    header = readHeader(text ?? '');
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new NamedError('RunFileInvalid', `${file.name}: ${message}`, { cause: thrown });
  }
  const { set } = header;
  if (set) return { ...header, set };
  throw new NamedError('RunFileInvalid', `${file.name} is a run of Explore, not one over sets.`);
}

/** Records are placed by the plan: it has to be whole before the first of them. */
function requirePlan({ file, header, planned }: Reading, why: string | null): void {
  if (planned >= header.set.items) return;
  throw new NamedError(
    'RunFileInvalid',
    `${file.name} has ${String(planned)} of the ${String(header.set.items)} items of its plan${why === null ? '.' : `; ${why}`}`,
  );
}

/** What two headers have otherwise, first things first; `null` when nothing. */
function headerDifference(one: RunFileSet, other: RunFileSet): string | null {
  const difference = settingsDifference(one.settings, other.settings);
  if (difference !== null) return difference;
  return one.items === other.items
    ? null
    : `${String(other.items)} items, not ${String(one.items)}`;
}
