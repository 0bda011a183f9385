/**
 * A run as the text of a JSONL file, as Explore writes and reads it: one `run` line (what it is),
 * then one `item` line per record with all its samples, and the pixels, so that an import works
 * anywhere. Schema for other programs: `public/schema/run.schema.json`. The file of a run over sets
 * can be read too; `export-run.ts` and `import-run.ts` write and read it without holding it.
 *
 * The pixels' SHA-256 is not compared with `image.sha256` here: browsers hash asynchronously
 * only. Whoever shows the image as that source has to.
 */
import type { ItemRecord, RgbImage } from '../core/types.ts';
import { NamedError } from '../protocol/errors.ts';
import { readHeader, readLine, type LineProblem } from './read-run-line.ts';
import { headerLine, itemLine, type RunFileHeader } from './run-lines.ts';

export interface RunFileItem {
  readonly record: ItemRecord;
  /** The pixels shown to the model; `null` when the file is written without them. */
  readonly image: RgbImage | null;
}

export interface RunFile {
  readonly header: RunFileHeader;
  /** The good records, in the order of the file. */
  readonly items: readonly RunFileItem[];
  /** One entry per broken line. */
  readonly problems: readonly LineProblem[];
}

/**
 * The text of a run file. Each sample also carries its parsed `answer`, the `rule` that found it
 * and `correct`, for people who read the file with pandas; an import ignores and recomputes them.
 *
 * @throws NamedError `RunFileInvalid` when a number is not finite or pixels do not fit.
 */
export function writeRunFile(header: RunFileHeader, items: readonly RunFileItem[]): string {
  const lines = items.map(({ record, image }) => itemLine(record, image));
  return [headerLine(header), ...lines].map((pieces) => [...pieces].join('')).join('');
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
  const pixels = new Map<string, RgbImage>();
  const problems: LineProblem[] = [];
  for (const { content, line } of rest) {
    const one = readLine(content, header.runId);
    if (typeof one === 'string') problems.push({ line, message: one });
    else if (one.type === 'item') items.push({ record: one.record, image: one.image });
    else if (one.type === 'pixels') pixels.set(one.sha256, one.image);
  }
  return { header, items: items.map((item) => withPixels(item, pixels)), problems };
}

function withPixels(
  { record, image }: RunFileItem,
  pixels: ReadonlyMap<string, RgbImage>,
): RunFileItem {
  const { width, height, sha256 } = record.image;
  const other = pixels.get(sha256);
  const fits = other?.width === width && other.height === height;
  return { record, image: image ?? (fits ? other : null) };
}
