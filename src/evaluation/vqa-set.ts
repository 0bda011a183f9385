/**
 * A VQA file with its images as sets that a run can take. Images are found by the path in the file, or
 * by its end where the folder was opened further up or down; they are opened when they are asked.
 */

import type { DecodedImage } from '../protocol/data.ts';
import { NamedError } from '../protocol/errors.ts';
import type { VqaItem, VqaProblem } from '../data/vqa-jsonl.ts';
import type { EvaluationSet } from './plan-run.ts';

/** A file with its path in the folder that was chosen or dropped, with `/` between folders. */
export interface PathedFile {
  readonly path: string;
  readonly file: File;
}

export interface VqaSets {
  readonly sets: readonly EvaluationSet[];
  /** Items whose image is not in the folder, or not there only once. */
  readonly problems: readonly VqaProblem[];
}

type Decode = (file: File) => Promise<DecodedImage>;

export function vqaSets(
  items: readonly VqaItem[],
  folder: readonly PathedFile[],
  decode: Decode,
): VqaSets {
  const files = new Map(folder.map(({ path, file }) => [path, file]));
  const byName = new Map<string, string[]>();
  for (const path of files.keys()) {
    const name = nameOf(path);
    byName.set(name, [...(byName.get(name) ?? []), path]);
  }
  const problems: VqaProblem[] = [];
  const found = items.flatMap((item) => {
    const paths = pathsOf(item.imagePath, files, byName.get(nameOf(item.imagePath)) ?? []);
    const [path] = paths;
    const file = path === undefined ? undefined : files.get(path);
    if (path !== undefined && file !== undefined && paths.length === 1) {
      return [{ item, path, file }];
    }
    const message =
      paths.length === 0
        ? `The image ${item.imagePath} is not in the folder.`
        : `The image ${item.imagePath} is in the folder ${String(paths.length)} times.`;
    problems.push({ line: item.line, message });
    return [];
  });
  const names = [...new Set(items.map(({ dataset }) => dataset))];
  const sets = names.flatMap((dataset) => {
    const own = found.filter(({ item }) => item.dataset === dataset);
    return own.length === 0 ? [] : [setOf(dataset, own, decode)];
  });
  return { sets, problems };
}

interface Found {
  readonly item: VqaItem;
  readonly path: string;
  readonly file: File;
}

/** Two items about one image are of one class: neither is a wrong image for the other. */
function setOf(dataset: string, found: readonly Found[], decode: Decode): EvaluationSet {
  const byId = new Map(found.map((one) => [String(one.item.line), one]));
  const classes = [...new Set(found.map(({ path }) => path))];
  const classOf = new Map(classes.map((path, at) => [path, at]));
  const oneOf = (id: string): Found => {
    const one = byId.get(id);
    if (one) return one;
    throw new NamedError('ImageUnreadable', `There is no item ${id} in ${dataset}.`);
  };
  return {
    dataset,
    hasManySizes: true,
    images: found.map(({ item, path }) => ({
      id: String(item.line),
      label: [classOf.get(path) ?? 0],
    })),
    questionOf: (id) => oneOf(id).item.question,
    open: async (id) => {
      const { item, path, file } = oneOf(id);
      const { image, source } = await decode(file);
      const index = /^\d+$/u.test(item.index) ? Number(item.index) : item.line;
      return { image, source: { ...source, dataset, split: null, index, name: path } };
    },
  };
}

/** The path itself, else every path of which it is the end, or that is its end. */
function pathsOf(
  wanted: string,
  files: ReadonlyMap<string, File>,
  sameName: readonly string[],
): string[] {
  const path = wanted.replace(/^(?:\.?\/)+/u, '');
  if (files.has(path)) return [path];
  return sameName.filter((one) => one.endsWith(`/${path}`) || path.endsWith(`/${one}`));
}

const nameOf = (path: string): string => path.split('/').at(-1) ?? path;
