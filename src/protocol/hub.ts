/** Where a checkpoint on a hub lies: addresses and the name of its cache, the same on page and worker. */

import type { Manifest, ManifestFile } from './manifest.ts';

export const HUB_ENDPOINT = 'https://huggingface.co/';

/** A checkpoint on a hub at one commit. */
export interface HubSource {
  readonly kind: 'hub';
  /** Address of the hub with a trailing slash. */
  readonly endpoint: string;
  /** `owner/name`. */
  readonly repository: string;
  /** The files of one data type; its revision is the commit. */
  readonly manifest: Manifest;
  /** Kept in memory, sent to the endpoint's own origin only. `null` where none is needed. */
  readonly token: string | null;
}

export type HubPlace = Pick<HubSource, 'endpoint' | 'repository'> & { readonly revision: string };

/** Address below which the files of a commit lie, with a trailing slash. */
export function hubFolder({ endpoint, repository, revision }: HubPlace): string {
  return new URL(`${repository}/resolve/${encodeURIComponent(revision)}/`, endpoint).href;
}

/** The page on which people read about a repository and accept its terms. */
export const hubPage = ({ endpoint, repository }: Pick<HubPlace, 'endpoint' | 'repository'>) =>
  new URL(repository, endpoint).href;

const CACHE_PREFIX = 'supportlens-hub';

/** Name of the browser cache that keeps the complete files of one commit. */
export const hubCacheName = ({ endpoint, repository, revision }: HubPlace): string =>
  [CACHE_PREFIX, endpoint, repository, revision].join(' ');

/** Whose files a browser cache keeps; `null` for one that is no hub's. */
export function hubPlaceOf(cacheName: string): HubPlace | null {
  const [prefix, endpoint = '', repository = '', revision = '', ...more] = cacheName.split(' ');
  const isWhole = prefix === CACHE_PREFIX && revision !== '' && more.length === 0;
  return isWhole ? { endpoint, repository, revision } : null;
}

/** Address under which a cache keeps a file: other content is another file. */
export const hubCacheKey = (
  place: HubPlace,
  { path, sha256, gitSha1 }: Pick<ManifestFile, 'path' | 'sha256' | 'gitSha1'>,
): string => `${hubFolder(place)}${path}?hash=${sha256 ?? gitSha1 ?? ''}`;
