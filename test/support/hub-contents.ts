/** What the test hub has: repositories made of fixtures, as its API lists them, and as faults change them. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** Sends a share of the file and then nothing. */
  | { readonly kind: 'stall'; readonly share: number }
  /** Promises the whole file, sends a share and breaks off. */
  | { readonly kind: 'cut'; readonly share: number }
  /** Sends so many bytes less (or more, where negative) and says so. */
  | { readonly kind: 'resized'; readonly missing: number }
  /** Right size, one byte changed. */
  | { readonly kind: 'damaged' };

export interface HubRepositoryFiles {
  readonly folder: string;
  readonly gated?: boolean;
  /** Contents in place of, or beside, the folder's. */
  readonly files?: Readonly<Record<string, string>>;
  readonly license?: string;
}

/** Contents of a repository's files by path. */
export type HubContents = ReadonlyMap<string, Buffer>;

const FIXTURES = fileURLToPath(new URL('../fixtures/architectures', import.meta.url));
export const fixtureFolder = (name: string): string => join(FIXTURES, name);
/** Of a model that only sees. */
export const visionFolder = (name: string): string => join(FIXTURES, '../vision', name);

export function contentsOf({ folder, files = {} }: HubRepositoryFiles): HubContents {
  const contents = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    const isOwn = path === 'manifest.json' || path === 'expected.json';
    if (!entry.isFile() || isOwn || contents.has(path)) continue;
    contents.set(path, readFileSync(join(folder, path)));
  }
  return contents;
}

/** Large files lie in a store of their own, behind a redirect. */
export const isLarge = (path: string): boolean =>
  /\.onnx(_data(_\d+)?)?$|^tokenizer\.json$/.test(path);

/** Entries of the file tree. */
export function treeOf(contents: HubContents): readonly object[] {
  const files = [...contents].map(([path, content]) => {
    const size = content.byteLength;
    const oid = hashOf('sha1', Buffer.concat([gitHead(content), content]));
    const lfs = { oid: hashOf('sha256', content), size, pointerSize: 130 };
    const entry = { type: 'file', path, size, oid };
    return isLarge(path) ? { ...entry, lfs } : entry;
  });
  return [{ type: 'directory', path: 'onnx', size: 0, oid: 'f'.repeat(40) }, ...files];
}

/** As the hub reads it from `config.json`, which may be broken. */
export function modelTypeOf(config: Buffer | undefined): string | undefined {
  try {
    return (JSON.parse(String(config)) as { model_type?: string }).model_type;
  } catch {
    return undefined;
  }
}

const hashOf = (algorithm: string, content: Buffer): string =>
  createHash(algorithm).update(content).digest('hex');

const gitHead = (content: Buffer): Buffer => Buffer.from(`blob ${String(content.byteLength)}\0`);

/** What is sent of a file under a fault. */
export function contentUnder(fault: Fault | null, whole: Buffer): Buffer {
  if (fault?.kind === 'resized') {
    return fault.missing < 0
      ? Buffer.concat([whole, Buffer.alloc(-fault.missing)])
      : whole.subarray(0, whole.length - fault.missing);
  }
  if (fault?.kind !== 'damaged') return whole;
  const damaged = Buffer.from(whole);
  damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
  return damaged;
}
