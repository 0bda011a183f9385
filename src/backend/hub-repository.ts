/**
 * What a repository on a hub is, read from the answers of its HTTP API: the commit, the licence, whether
 * it is gated, and per data type the files that a load would fetch. Pure; hub-lookup.ts asks.
 */

import * as v from 'valibot';
import type { CheckpointKind } from '../protocol/architectures.ts';
import { NamedError } from '../protocol/errors.ts';
import {
  DTYPE_SUFFIXES,
  graphFiles,
  sessionDtypes,
  SESSIONS,
  type Manifest,
  type ManifestFile,
} from '../protocol/manifest.ts';

export interface HubLicense {
  /** The hub's short name, `apache-2.0`; `other` and a `name` where it has terms of its own. */
  readonly id: string;
  readonly name: string | null;
  /** Where its terms are, where the repository says so. */
  readonly address: string | null;
}

export interface HubRepository {
  /** `owner/name`. */
  readonly repository: string;
  /** The commit that the asked revision stands for. */
  readonly revision: string;
  /** `null` where the repository states none. */
  readonly license: HubLicense | null;
  /** Terms have to be accepted on the hub's page before files are given. */
  readonly isGated: boolean;
  readonly modelType: string | null;
  readonly files: readonly ManifestFile[];
}

/** One choice of data type: what would be fetched for it. */
export interface HubDtype {
  readonly dtype: string;
  readonly manifest: Manifest;
  /** Bytes of all its files. */
  readonly sizeBytes: number;
}

/** What a look-up finds. */
export interface HubFacts {
  readonly repository: HubRepository;
  readonly kind: CheckpointKind;
  /** Smallest download first, at least one. */
  readonly dtypes: readonly HubDtype[];
}

const infoSchema = v.object({
  id: v.string(),
  sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40,64}$/, 'its commit is none')),
  gated: v.optional(v.union([v.boolean(), v.string()])),
  tags: v.optional(v.array(v.string())),
  config: v.optional(v.nullable(v.object({ model_type: v.optional(v.string()) }))),
  cardData: v.optional(
    v.nullable(
      v.object({
        license: v.optional(v.union([v.string(), v.array(v.string())])),
        license_name: v.optional(v.string()),
        license_link: v.optional(v.string()),
      }),
    ),
  ),
});

const treeSchema = v.array(
  v.object({
    type: v.string(),
    path: v.string(),
    size: v.number(),
    oid: v.string(),
    lfs: v.optional(v.object({ oid: v.string(), size: v.number() })),
  }),
);

/** The files beside the graphs that a load reads, where they exist. */
const SETTINGS: readonly string[] = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
];

const NEEDED_SETTINGS: Readonly<Record<CheckpointKind, readonly string[]>> = {
  vlm: ['config.json', 'preprocessor_config.json', 'tokenizer.json'],
  vision: ['config.json', 'preprocessor_config.json'],
};

/** A repository as a person names it. */
export interface RepositoryReference {
  /** `owner/name`. */
  readonly repository: string;
  /** A branch, tag or commit; `main` where none was named. */
  readonly revision: string;
}

/**
 * `owner/name`, `owner/name@revision`, or an address on the hub, `…/tree/revision` too, as typed or pasted.
 * Throws `CheckpointMissing` where it is none of them.
 */
export function readReference(typed: string, endpoint: string): RepositoryReference {
  const text = typed.trim().replace(endpoint, '').replace(/\/+$/, '');
  const [, owner = '', name = '', tree, at] =
    /^([^/@\s]+)\/([^/@\s]+)(?:\/tree\/(\S+)|@(\S+))?$/.exec(text) ?? [];
  const part = /^[A-Za-z0-9][\w.-]{0,95}$/;
  const revision = tree ?? at ?? 'main';
  const isName = part.test(owner) && part.test(name) && !/\.\.|--/.test(`${owner}/${name}`);
  if (isName && /^[\w][\w./-]{0,199}$/.test(revision) && !revision.includes('..')) {
    return { repository: `${owner}/${name}`, revision };
  }
  throw new NamedError(
    'CheckpointMissing',
    'A repository is written owner/name, as in HuggingFaceTB/SmolVLM-256M-Instruct; a branch or commit may follow after an @.',
  );
}

/** From the answers of `/api/models/…/revision/…` and, all pages together, `/api/models/…/tree/…`. */
export function parseRepository(info: unknown, tree: unknown): HubRepository {
  const read = v.safeParse(infoSchema, info);
  if (!read.success) throw unreadable(read.issues[0].message);
  const entries = v.safeParse(treeSchema, tree);
  if (!entries.success) throw unreadable(entries.issues[0].message);
  const { id, sha, gated, config } = read.output;
  return {
    repository: id,
    revision: sha,
    license: licenseOf(read.output),
    isGated: gated !== undefined && gated !== false,
    modelType: config?.model_type ?? null,
    files: entries.output.filter(({ type }) => type === 'file').map(fileOf),
  };
}

function fileOf({ path, size, oid, lfs }: v.InferOutput<typeof treeSchema>[number]): ManifestFile {
  if (lfs) return { path, sizeBytes: lfs.size, sha256: lfs.oid };
  return { path, sizeBytes: size, gitSha1: oid };
}

function licenseOf({ cardData, tags }: v.InferOutput<typeof infoSchema>): HubLicense | null {
  const stated = [cardData?.license].flat()[0];
  const tag = tags?.find((one) => one.startsWith('license:'))?.slice('license:'.length);
  const id = stated ?? tag;
  if (id === undefined) return null;
  return { id, name: cardData?.license_name ?? null, address: cardData?.license_link ?? null };
}

/**
 * The data types that exist for all sessions of its kind, smallest download first. Throws
 * `CheckpointMissing` with what is not there when none does, or when a file of settings is missing.
 */
export function dtypesOf(
  { repository, revision, files }: HubRepository,
  kind: CheckpointKind,
): readonly HubDtype[] {
  const sessions = SESSIONS[kind];
  const paths = new Set(files.map(({ path }) => path));
  const missing = NEEDED_SETTINGS[kind].find((path) => !paths.has(path));
  if (missing !== undefined) throw incomplete(repository, missing);
  const settings = files.filter(({ path }) => SETTINGS.includes(path));
  const choices = Object.entries(DTYPE_SUFFIXES).flatMap(([dtype, suffix]) => {
    if (!sessions.every((session) => paths.has(`onnx/${session}${suffix}.onnx`))) return [];
    const manifest = { revision, files: [...settings, ...graphsOf(files, kind, dtype)] };
    const sizeBytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    return [{ dtype, manifest, sizeBytes }];
  });
  if (choices.length > 0) return choices.sort((a, b) => a.sizeBytes - b.sizeBytes);
  const bare = sessions.find(
    (session) => !files.some(({ path }) => path.startsWith(`onnx/${session}`)),
  );
  throw incomplete(
    repository,
    bare === undefined
      ? 'one data type for all of vision encoder, embeddings and decoder'
      : `onnx/${bare}.onnx`,
  );
}

const graphsOf = (
  files: readonly ManifestFile[],
  kind: CheckpointKind,
  dtype: string,
): readonly ManifestFile[] =>
  graphFiles({ revision: '', files: [...files] }, sessionDtypes(kind, dtype));

const unreadable = (why: string): NamedError =>
  new NamedError('CheckpointInvalid', `The hub’s answer could not be read: ${why}.`);

const incomplete = (repository: string, what: string): NamedError =>
  new NamedError(
    'CheckpointMissing',
    `${repository} has no ${what}. The app needs a repository with ONNX files (recipes/export makes one). Nothing was downloaded.`,
  );
