/** A VQA file with its images as sets that a run can take. Images are opened when they are asked about. */

import type { DecodedImage } from '../protocol/data.ts';
import { NamedError } from '../protocol/errors.ts';
import type { VqaItem, VqaProblem } from '../data/vqa-jsonl.ts';
import type { EvaluationSet } from './plan-run.ts';
import { FolderImages, type PathedFile } from './vqa-images.ts';

/** A set that brings its questions along. */
export type VqaSet = EvaluationSet & Required<Pick<EvaluationSet, 'questionOf'>>;

export interface VqaSets {
  readonly sets: readonly VqaSet[];
  /** Items whose image is not in the folder, or not there only once. */
  readonly problems: readonly VqaProblem[];
}

type Decode = (file: File) => Promise<DecodedImage>;

export function vqaSets(
  items: readonly VqaItem[],
  folder: readonly PathedFile[],
  decode: Decode,
): VqaSets {
  const images = new FolderImages(folder);
  const problems: VqaProblem[] = [];
  const found = items.flatMap((item) => {
    const image = images.find(item.imagePath);
    if (typeof image !== 'string') return [{ item, ...image }];
    problems.push({ line: item.line, message: image });
    return [];
  });
  const names = [...new Set(found.map(({ item }) => item.dataset))];
  const sets = names.map((dataset) =>
    setOf(
      dataset,
      found.filter(({ item }) => item.dataset === dataset),
      decode,
    ),
  );
  return { sets, problems };
}

interface Found extends PathedFile {
  readonly item: VqaItem;
}

/** Two items about one image are of one class: neither is a wrong image for the other. */
function setOf(dataset: string, found: readonly Found[], decode: Decode): VqaSet {
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
    classesAreImages: true,
    images: found.map(({ item, path }) => ({
      id: String(item.line),
      label: [classOf.get(path) ?? 0],
    })),
    questionOf: (id) => oneOf(id).item.question,
    open: async (id) => {
      const { item, path, file } = oneOf(id);
      const { image, source } = await decode(file);
      return { image, source: { ...source, dataset, split: null, index: item.index, name: path } };
    },
  };
}
