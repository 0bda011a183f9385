/** Asks a hub what a repository is. A few kilobytes; no weights are touched. */

import { requireArchitecture, requireImageProcessor } from '../protocol/architectures.ts';
import { NamedError } from '../protocol/errors.ts';
import { hubFolder } from '../protocol/hub.ts';
import { hubNetworkError, hubRequest, notStalled } from '../protocol/hub-request.ts';
import { dtypesOf, parseRepository, type HubFacts } from './hub-repository.ts';

export interface HubQuery {
  /** Address of the hub with a trailing slash. */
  readonly endpoint: string;
  /** `owner/name`. */
  readonly repository: string;
  /** A branch, tag or commit; what is loaded is the commit that it stands for now. */
  readonly revision: string;
  readonly token: string | null;
  readonly signal: AbortSignal;
  readonly stallMs?: number;
}

/** Pages of the file tree that are read: a thousand files each. */
const PAGES_LIMIT = 10;

/**
 * What a repository has for this app. Throws `CheckpointUnsupported` for what the engine cannot run,
 * `CheckpointMissing` for what is not there, `AccessDenied`, `NetworkFailed`, `Cancelled`.
 */
export async function lookUpRepository(query: HubQuery): Promise<HubFacts> {
  const { endpoint, repository, revision } = query;
  const api = `${endpoint}api/models/${repository}/`;
  const { json: info } = await askJson(
    query,
    `${api}revision/${encodeURIComponent(revision)}`,
    'entry',
  );
  // The tree of the commit: the branch may move between the two requests.
  const { revision: commit } = parseRepository(info, []);
  const tree = await wholeTree(query, `${api}tree/${commit}?recursive=true`);
  const found = { ...parseRepository(info, tree), repository };
  const folder = hubFolder({ endpoint, repository, revision: commit });
  const config = await askJson(query, `${folder}config.json`, 'config.json');
  const kind = requireArchitecture(config.json);
  const dtypes = dtypesOf(found, kind);
  const processor = `${folder}preprocessor_config.json`;
  requireImageProcessor((await askJson(query, processor, 'preprocessor_config.json')).json);
  return { repository: found, kind, dtypes };
}

async function wholeTree(query: HubQuery, first: string): Promise<readonly unknown[]> {
  const entries: unknown[] = [];
  let address: string | null = first;
  for (let page = 0; address !== null; page += 1) {
    if (page === PAGES_LIMIT) {
      throw new NamedError(
        'CheckpointUnsupported',
        `${query.repository} has more than ${String(PAGES_LIMIT)},000 files.`,
      );
    }
    const { json, next }: JsonPage = await askJson(query, address, 'list of files');
    if (!Array.isArray(json)) {
      throw new NamedError('CheckpointInvalid', 'The hub’s list of files is none.');
    }
    entries.push(...(json as unknown[]));
    address = next;
  }
  return entries;
}

interface JsonPage {
  readonly json: unknown;
  /** Address of the next page, on the hub itself. */
  readonly next: string | null;
}

async function askJson(query: HubQuery, address: string, name: string): Promise<JsonPage> {
  const asked = { ...query, place: query, isLookup: true };
  const response = await hubRequest(address, name, asked);
  let text: string;
  try {
    text = await notStalled(response.text(), name, asked);
  } catch (thrown) {
    throw hubNetworkError(name, thrown, asked);
  }
  try {
    return { json: JSON.parse(text) as unknown, next: nextPage(response, address, query.endpoint) };
  } catch (thrown) {
    throw new NamedError('CheckpointInvalid', `The hub’s ${name} is no JSON.`, { cause: thrown });
  }
}

function nextPage(response: Response, address: string, endpoint: string): string | null {
  const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  if (link === undefined) return null;
  const next = new URL(link, address);
  return next.origin === new URL(endpoint).origin ? next.href : null;
}
