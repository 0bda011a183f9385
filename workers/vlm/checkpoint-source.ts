/**
 * Where a load takes its files from: a folder of ours, a repository on a hub, or a folder on this machine.
 * The latter two are looked at before any of their weights are asked for.
 */

import { requireArchitecture, requireImageProcessor } from '../../src/protocol/architectures.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { FilesSource } from '../../src/protocol/folder.ts';
import type { HubSource } from '../../src/protocol/hub.ts';
import {
  graphFiles,
  kindOf,
  sessionDtypes,
  SESSIONS,
  type Manifest,
} from '../../src/protocol/manifest.ts';
import type { LoadRequest } from '../../src/protocol/vlm.ts';
import { checkpointFetch, fetchManifest, type ProgressMeter } from './checkpoint-files.ts';
import { FolderFiles } from './folder-files.ts';
import { HubFiles } from './hub-files.ts';
import { openHubStore, requireRoom } from './hub-store.ts';

/** How the library makes an address of a file: host, template with `{model}`, and the model's name. */
export interface LibraryAddress {
  readonly host: string;
  readonly template: string;
  readonly model: string;
}

export interface OpenSource {
  readonly address: LibraryAddress;
  /** Below which the files lie, with a trailing slash. */
  readonly folderUrl: string;
  readonly manifest: Manifest;
  readonly fetch: (input: string | URL) => Promise<Response>;
  /** What went wrong with a file, whatever was thrown over it later. */
  readonly failure: () => NamedError | null;
}

export async function openSource(
  request: LoadRequest,
  meter: ProgressMeter,
  signal: AbortSignal,
): Promise<OpenSource> {
  const { source, checkpointId, dtype } = request;
  if (source.kind === 'hub') return openHub(source, dtype, meter, signal);
  if (source.kind === 'files') return openFiles(source, dtype, meter, signal);
  const folderUrl = new URL(`${checkpointId}/`, source.modelsUrl).href;
  const manifest = await fetchManifest(folderUrl, signal);
  return {
    address: { host: source.modelsUrl, template: '{model}/', model: checkpointId },
    folderUrl,
    manifest,
    fetch: checkpointFetch(folderUrl, manifest, meter, signal),
    failure: () => null,
  };
}

async function openHub(
  source: HubSource,
  dtype: LoadRequest['dtype'],
  meter: ProgressMeter,
  signal: AbortSignal,
): Promise<OpenSource> {
  const { endpoint, repository, manifest } = source;
  const store = await openHubStore({ endpoint, repository, revision: manifest.revision });
  const files = new HubFiles(source, store, meter, signal);
  await requireRunnable(files, manifest, dtype);
  await requireRoom(store, await files.missingBytes());
  await files.fetchSettings();
  return {
    address: {
      host: endpoint,
      template: `{model}/resolve/${encodeURIComponent(manifest.revision)}/`,
      model: repository,
    },
    folderUrl: files.folderUrl,
    manifest,
    fetch: files.fetch,
    failure: () => files.failure,
  };
}

async function openFiles(
  source: FilesSource,
  dtype: LoadRequest['dtype'],
  meter: ProgressMeter,
  signal: AbortSignal,
): Promise<OpenSource> {
  const files = new FolderFiles(source, meter, signal);
  await requireRunnable(files, source.manifest, dtype);
  const { folderUrl, fetch } = files;
  return {
    address: { host: new URL('/', folderUrl).href, template: '{model}/', model: 'files' },
    folderUrl,
    manifest: await files.readThrough(),
    fetch,
    failure: () => null,
  };
}

/**
 * Refuses what the engine cannot run before any of its weights are fetched. Throws
 * `CheckpointUnsupported`, `CheckpointMissing` or what the download of the settings throws.
 */
export async function requireRunnable(
  files: Pick<HubFiles, 'fetch' | 'folderUrl'>,
  manifest: Manifest,
  dtype: LoadRequest['dtype'],
): Promise<void> {
  const table = typeof dtype === 'string' ? sessionDtypes('vlm', dtype) : dtype;
  const kind = kindOf(table);
  const graphs = graphFiles(manifest, table).map(({ path }) => path);
  const missing = SESSIONS[kind].find(
    (session) => !graphs.some((path) => path.startsWith(`onnx/${session}`)),
  );
  if (missing !== undefined) throw absent(`onnx/${missing}.onnx in ${table[missing] ?? 'this'}`);
  if (requireArchitecture(await settings(files, 'config.json')) !== kind) {
    throw new NamedError(
      'CheckpointInvalid',
      'Its config.json is of another kind of model than its graphs.',
    );
  }
  requireImageProcessor(await settings(files, 'preprocessor_config.json'));
}

async function settings(
  { fetch, folderUrl }: Pick<HubFiles, 'fetch' | 'folderUrl'>,
  name: string,
): Promise<unknown> {
  const response = await fetch(`${folderUrl}${name}`);
  if (response.status === 404) throw absent(name);
  try {
    return (await response.json()) as unknown;
  } catch (cause) {
    throw new NamedError('CheckpointInvalid', `Its ${name} is no JSON.`, { cause });
  }
}

const absent = (what: string): NamedError =>
  new NamedError('CheckpointMissing', `The checkpoint has no ${what}. No weights were downloaded.`);
