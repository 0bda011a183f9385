/** A small VQA file in the released format, and images whose pixels are their path. */

import type { PathedFile } from '../../src/evaluation/vqa-images.ts';
import type { DecodedImage } from '../../src/protocol/data.ts';

/** A free-form line about `images/<index>.png`. */
export const vqaLine = (index: number, change: object = {}): string =>
  JSON.stringify({
    dataset_name: 'SLAKE',
    dataset_index: index,
    image_paths: [`images/${String(index)}.png`],
    question: `Question ${String(index)}?`,
    options: null,
    options_dict: null,
    answer_label: null,
    answer: 'liver',
    ...change,
  });

export const jsonlFile = (name: string, ...lines: readonly string[]): PathedFile => ({
  path: name,
  file: new File([`${lines.join('\n')}\n`], name),
});

export const imageFile = (path: string): PathedFile => ({
  path,
  file: new File([path], path.split('/').at(-1) ?? path),
});

export const fakeDecode = async (file: File): Promise<DecodedImage> => {
  const sha256 = await file.text();
  const image = { width: 1, height: 1, data: new Uint8Array(3) };
  const source = { dataset: null, split: null, index: null, name: file.name, sha256 };
  return { image, source: { ...source, width: 1, height: 1 } };
};
