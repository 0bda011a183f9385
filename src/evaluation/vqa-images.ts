/**
 * The images that were opened for a VQA file. They are found by the path in the file, or by its end where
 * the folder was opened further up or down, or has another name now.
 */

import type { VqaItem } from '../data/vqa-jsonl.ts';

/** A file with its path in the folder that was chosen or dropped, with `/` between folders. */
export interface PathedFile {
  readonly path: string;
  readonly file: File;
}

/** Kinds of image that can be decoded. */
export const READABLE_IMAGE = /\.(?:png|jpe?g|webp)$/iu;

/** Folders that have to agree, where both paths have them: `1.png` alone is in many of them. */
const AGREEING = 2;

export class FolderImages {
  private readonly files: ReadonlyMap<string, File>;
  private readonly byName = new Map<string, string[]>();

  constructor(folder: readonly PathedFile[]) {
    this.files = new Map(folder.map(({ path, file }) => [path, file]));
    for (const path of this.files.keys()) {
      const own = this.byName.get(nameOf(path));
      if (own) own.push(path);
      else this.byName.set(nameOf(path), [path]);
    }
  }

  /** The image that a file means by this path; a sentence where it is not there, or not only once. */
  find(imagePath: string): PathedFile | string {
    const paths = this.pathsOf(imagePath.replace(/^(?:\.?\/)+/u, ''));
    const [path = ''] = paths;
    const file = this.files.get(path);
    if (paths.length > 1) {
      return `The image ${imagePath} is in the folder ${String(paths.length)} times.`;
    }
    if (file) return { path, file };
    return READABLE_IMAGE.test(imagePath)
      ? `The image ${imagePath} is not in the folder.`
      : `The image ${imagePath} is of a kind that cannot be read: PNG, JPEG and WebP can.`;
  }

  /** The path itself, else those that agree with it longest from their ends. */
  private pathsOf(path: string): readonly string[] {
    if (this.files.has(path)) return [path];
    const own = path.split('/').reverse();
    const agreeing = (this.byName.get(nameOf(path)) ?? []).flatMap((one) => {
      const other = one.split('/').reverse();
      const differs = other.findIndex((part, at) => part !== own[at]);
      const length = differs < 0 ? other.length : differs;
      return length >= Math.min(own.length, other.length, AGREEING) ? [{ one, length }] : [];
    });
    const longest = Math.max(0, ...agreeing.map(({ length }) => length));
    return agreeing.filter(({ length }) => length === longest).map(({ one }) => one);
  }
}

/** The images of a folder, or the ones before with single ones that join them. */
export function joinedImages(
  before: readonly PathedFile[],
  added: readonly PathedFile[],
): readonly PathedFile[] {
  if (added.some(({ path }) => path.includes('/'))) return added;
  const paths = new Set(added.map(({ path }) => path));
  return [...before.filter(({ path }) => !paths.has(path)), ...added];
}

/** The images that a file asks about, each once. */
export function imagePathsOf(items: readonly VqaItem[]): readonly string[] {
  return [...new Set(items.map(({ imagePath }) => imagePath))];
}

const nameOf = (path: string): string => path.split('/').at(-1) ?? path;
