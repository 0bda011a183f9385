/**
 * The files of a checkpoint with size and hash: `manifest.json` of a built-in folder, written by
 * `scripts/manifest.mjs`, or what a hub lists (src/backend/hub-repository.ts). The page reads sizes from
 * it before a download, the worker fetches by it.
 */

import * as v from 'valibot';
import type { CheckpointKind } from './architectures.ts';
import { NamedError } from './errors.ts';

export const manifestSchema = v.object({
  /** Hash over all files, on a hub the commit: the checkpoint's version. */
  revision: v.string(),
  files: v.array(
    v.object({
      path: v.string(),
      sizeBytes: v.number(),
      /** Hexadecimal, of the content. */
      sha256: v.optional(v.string()),
      /** Git's name of a file that lies in the repository itself: SHA-1 over `blob <size>\0` and content. */
      gitSha1: v.optional(v.string()),
    }),
  ),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;
export type ManifestFile = Manifest['files'][number];

/** Throws `CheckpointInvalid` with the first thing that is wrong. */
export function parseManifest(json: unknown): Manifest {
  const parsed = v.safeParse(manifestSchema, json);
  if (parsed.success) return parsed.output;
  throw new NamedError(
    'CheckpointInvalid',
    `The checkpoint’s manifest.json is not one: ${parsed.issues[0].message}.`,
  );
}

/** The graphs of a checkpoint of each kind, as transformers.js names them. */
export const SESSIONS: Readonly<Record<CheckpointKind, readonly string[]>> = {
  vlm: ['vision_encoder', 'embed_tokens', 'decoder_model_merged'],
  vision: ['model'],
};

/** One data type for every graph, as a load request takes it. */
export const sessionDtypes = (
  kind: CheckpointKind,
  dtype: string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(SESSIONS[kind].map((session) => [session, dtype]));

/** What a load with these data types is a load of. */
export const kindOf = (dtype: Readonly<Record<string, string>>): CheckpointKind =>
  Object.hasOwn(dtype, 'model') ? 'vision' : 'vlm';

/** What the files of one data type are. */
export const kindOfFiles = ({ files }: Manifest): CheckpointKind =>
  files.some(({ path }) => /^onnx\/model[._]/.test(path)) ? 'vision' : 'vlm';

/** File-name suffix of each data type, as transformers.js forms them. */
export const DTYPE_SUFFIXES: Readonly<Record<string, string>> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  q4: '_q4',
  q4f16: '_q4f16',
};

/** The graphs that a load with these data types fetches, one a session, and the weights beside large ones. */
export function graphFiles(
  manifest: Manifest,
  dtype: Readonly<Record<string, string>>,
): Manifest['files'] {
  const graphs = new Set(
    Object.entries(dtype).map(
      ([session, type]) => `onnx/${session}${DTYPE_SUFFIXES[type] ?? ''}.onnx`,
    ),
  );
  return manifest.files.filter(({ path }) =>
    graphs.has(path.replace(/\.onnx_data(_\d+)?$/, '.onnx')),
  );
}

/** Bytes that a load with these data types fetches: the JSON files and the graphs. */
export function downloadSize(manifest: Manifest, dtype: Readonly<Record<string, string>>): number {
  const settings = manifest.files.filter(({ path }) => path.endsWith('.json'));
  return [...settings, ...graphFiles(manifest, dtype)].reduce(
    (sum, { sizeBytes }) => sum + sizeBytes,
    0,
  );
}
