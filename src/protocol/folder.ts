/** A checkpoint in a folder of the person's own: its files are handed over as they are, and never sent anywhere. */

import type { Manifest } from './manifest.ts';

/** A file with its path below the folder of the checkpoint, `onnx/embed_tokens.onnx`. */
export interface FolderFile {
  readonly path: string;
  readonly file: Blob;
}

export interface FilesSource {
  readonly kind: 'files';
  /** Name of the folder, for people. */
  readonly folder: string;
  /** The files of one data type, with sizes and without hashes; its revision is empty until they are read. */
  readonly manifest: Manifest;
  readonly files: readonly FolderFile[];
}

/**
 * The files below the folder that holds the checkpoint, which is the topmost one with a `config.json`: a
 * person may choose the folder above it. Without any, the files as they were given.
 */
export function checkpointFiles(files: readonly FolderFile[]): readonly FolderFile[] {
  const [config] = files
    .map(({ path }) => path)
    .filter((path) => /(^|\/)config\.json$/.test(path))
    .sort((a, b) => a.split('/').length - b.split('/').length);
  if (config === undefined) return files;
  const root = config.slice(0, -'config.json'.length);
  return files
    .filter(({ path }) => path.startsWith(root))
    .map(({ path, file }) => ({ path: path.slice(root.length), file }));
}
