/** Where a checkpoint on a hub lies: addresses and the name of its cache, the same on page and worker. */

import type { Manifest } from './manifest.ts';

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

/** Name of the browser cache that keeps the complete files of one commit. */
export const hubCacheName = ({ endpoint, repository, revision }: HubPlace): string =>
  `supportlens-hub ${endpoint} ${repository} ${revision}`;
