/** What a folder on this machine is, from a few kilobytes of it; its weights are not read. */

import { requireArchitecture, requireImageProcessor } from '../protocol/architectures.ts';
import { NamedError } from '../protocol/errors.ts';
import type { FolderFile } from '../protocol/folder.ts';
import { dtypesOf, type HubFacts, type HubLicense } from './hub-repository.ts';

/**
 * @param files below the checkpoint's own folder
 * @throws NamedError `CheckpointMissing`, `CheckpointInvalid` or `CheckpointUnsupported`, with the file
 */
export async function lookAtFolder(
  folder: string,
  files: readonly FolderFile[],
): Promise<HubFacts> {
  const config = await jsonOf(folder, files, 'config.json');
  const kind = requireArchitecture(config);
  const repository = {
    repository: folder,
    revision: '',
    license: licenseOf(await textOf(files, 'README.md')),
    isGated: false,
    modelType: (config as { readonly model_type: string }).model_type,
    files: files.map(({ path, file }) => ({ path, sizeBytes: file.size })),
  };
  const dtypes = dtypesOf(repository, kind);
  requireImageProcessor(await jsonOf(folder, files, 'preprocessor_config.json'));
  return { repository, kind, dtypes };
}

async function jsonOf(
  folder: string,
  files: readonly FolderFile[],
  name: string,
): Promise<unknown> {
  const text = await textOf(files, name);
  if (text === null) {
    throw new NamedError(
      'CheckpointMissing',
      `${folder} has no ${name}. A checkpoint’s folder holds it beside an onnx folder, as recipes/export writes it.`,
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new NamedError('CheckpointInvalid', `The ${name} of ${folder} is no JSON.`, { cause });
  }
}

/** `null` where there is no such file. */
async function textOf(files: readonly FolderFile[], name: string): Promise<string | null> {
  const file = files.find(({ path }) => path === name)?.file;
  try {
    return (await file?.text()) ?? null;
  } catch (cause) {
    throw new NamedError('CheckpointMissing', `${name} could not be read.`, { cause });
  }
}

/** As the head of a card states it. */
function licenseOf(card: string | null): HubLicense | null {
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card ?? '')?.[1] ?? '';
  const field = (name: string): string | null =>
    new RegExp(`^${name}:[ \\t]*["']?([^"'\\r\\n]+?)["']?[ \\t]*$`, 'm').exec(head)?.[1] ?? null;
  const id = field('license');
  return id === null ? null : { id, name: field('license_name'), address: field('license_link') };
}
