/**
 * A hub on localhost that plays the real one: its API, small files by a redirect on the same origin, large
 * ones by a redirect to a second origin, gated repositories, and faults per path. Every request is logged.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  contentsOf,
  contentUnder,
  isLarge,
  modelTypeOf,
  treeOf,
  type Fault,
  type HubContents,
  type HubRepositoryFiles,
} from './hub-contents.ts';

export interface FaultRule {
  /** End of the path of a file, or of an API request. */
  readonly path: string;
  readonly fault: Fault;
  /** For so many requests; always without it. */
  readonly times?: number;
}

export interface LoggedRequest {
  readonly origin: 'hub' | 'store';
  readonly path: string;
  readonly authorization: string | null;
}

export const TEST_COMMIT = '0123456789abcdef0123456789abcdef01234567';
export const TEST_TOKEN = 'hf_test_token';

/** Entries of the file tree in one answer: small, so that there are several. */
const PAGE_ENTRIES = 6;
/** As the real hub exposes them: no Retry-After among them. */
const EXPOSED = 'X-Repo-Commit,X-Error-Code,X-Error-Message,ETag,Link,Accept-Ranges,Content-Range';

export class TestHub {
  requests: LoggedRequest[] = [];
  rules: (FaultRule & { left: number })[] = [];
  private readonly servers: readonly Server[];
  private readonly stored: ReadonlyMap<string, HubContents>;

  private constructor(private readonly repositories: Readonly<Record<string, HubRepositoryFiles>>) {
    const hub = createServer((request, response) => {
      this.answer('hub', request, response);
    });
    const store = createServer((request, response) => {
      this.answer('store', request, response);
    });
    this.servers = [hub, store];
    this.stored = new Map(
      Object.entries(repositories).map(([name, files]) => [name, contentsOf(files)]),
    );
  }

  static async start(repositories: Readonly<Record<string, HubRepositoryFiles>>): Promise<TestHub> {
    const hub = new TestHub(repositories);
    for (const server of hub.servers) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    return hub;
  }

  /** Address with a trailing slash. */
  get endpoint(): string {
    return this.addressOf(0);
  }

  /** Where large files lie: another origin. */
  get storeAddress(): string {
    return this.addressOf(1);
  }

  setFaults(rules: readonly FaultRule[]): void {
    this.requests = [];
    this.rules = rules.map((rule) => ({ ...rule, left: rule.times ?? Infinity }));
  }

  /** Paths below the repositories' commits that were asked of the hub itself. */
  asked(): readonly string[] {
    return this.requests
      .filter(({ origin, path }) => origin === 'hub' && path.includes('/resolve/'))
      .map(({ path }) => path.split(`/resolve/${TEST_COMMIT}/`)[1] ?? path);
  }

  async close(): Promise<void> {
    for (const server of this.servers) {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    }
  }

  private addressOf(at: number): string {
    const { port } = this.servers[at]?.address() as AddressInfo;
    return `http://127.0.0.1:${String(port)}/`;
  }

  private answer(
    origin: LoggedRequest['origin'],
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', EXPOSED);
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    const url = new URL(request.url ?? '/', this.endpoint);
    const path = decodeURIComponent(url.pathname);
    if (path === '/control') {
      this.control(request, response);
      return;
    }
    if (request.method === 'OPTIONS') {
      // The store, like the real one, knows nothing of a token.
      const allowed = origin === 'hub' ? 'authorization,range' : 'range';
      response.writeHead(204, { 'Access-Control-Allow-Headers': allowed }).end();
      return;
    }
    const authorization = request.headers.authorization ?? null;
    this.requests.push({ origin, path, authorization });
    const fault = this.faultOf(path, origin);
    if (fault?.kind === 'status') {
      const { status, retryAfter } = fault;
      response.writeHead(status, retryAfter === undefined ? {} : { 'Retry-After': retryAfter });
      response.end('refused');
    } else if (origin === 'store') {
      this.send(path, request, response, fault);
    } else {
      this.hub(url, path, request, response, fault);
    }
  }

  private hub(
    url: URL,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault | null,
  ): void {
    if (path.startsWith('/kept/')) {
      this.send(path, request, response, fault);
      return;
    }
    const name = Object.keys(this.repositories).find((one) => path.includes(`/${one}/`));
    const repository = name === undefined ? undefined : this.repositories[name];
    // The real hub does not tell a repository that is not there from one that is not shown.
    if (!name || !repository) {
      response.writeHead(401, { 'X-Error-Code': 'RepoNotFound' }).end();
      return;
    }
    const api = path.split(`/api/models/${name}/`)[1];
    if (api?.startsWith('revision/') === true) {
      sendJson(response, this.infoOf(name, repository));
    } else if (api === `tree/${TEST_COMMIT}`) {
      this.sendTree(name, url, response);
    } else this.resolve(name, repository, path, request, response);
  }

  private resolve(
    name: string,
    { gated }: HubRepositoryFiles,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { authorization } = request.headers;
    if (gated === true && authorization !== `Bearer ${TEST_TOKEN}`) {
      const status = authorization === undefined ? 401 : 403;
      response.writeHead(status, { 'X-Error-Code': 'GatedRepo' }).end();
      return;
    }
    const file = path.split(`/${name}/resolve/${TEST_COMMIT}/`)[1] ?? '';
    if (this.stored.get(name)?.has(file) !== true) {
      response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
      return;
    }
    const place = isLarge(file) ? this.storeAddress : '/';
    response.writeHead(isLarge(file) ? 302 : 307, { Location: `${place}kept/${name}/${file}` });
    response.end();
  }

  private infoOf(name: string, { gated = false, license }: HubRepositoryFiles): unknown {
    return {
      id: name,
      sha: TEST_COMMIT,
      gated: gated ? 'manual' : false,
      tags: [`license:${license ?? 'apache-2.0'}`],
      config: { model_type: modelTypeOf(this.stored.get(name)?.get('config.json')) },
      cardData: { license: license ?? 'apache-2.0' },
    };
  }

  private sendTree(name: string, url: URL, response: ServerResponse): void {
    const entries = treeOf(this.stored.get(name) ?? new Map<string, Buffer>());
    const start = Number(url.searchParams.get('cursor') ?? '0');
    if (start + PAGE_ENTRIES < entries.length) {
      const next = new URL(url);
      next.searchParams.set('cursor', String(start + PAGE_ENTRIES));
      response.setHeader('Link', `<${next.href}>; rel="next"`);
    }
    sendJson(response, entries.slice(start, start + PAGE_ENTRIES));
  }

  private send(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault | null,
  ): void {
    const name = Object.keys(this.repositories).find((one) => path.startsWith(`/kept/${one}/`));
    const file = path.slice(`/kept/${name ?? ''}/`.length);
    const whole = this.stored.get(name ?? '')?.get(file);
    if (!whole) {
      response.writeHead(404).end();
      return;
    }
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (range) {
      const [from, to] = [Number(range[1]), range[2] === '' ? whole.length - 1 : Number(range[2])];
      const contentRange = `bytes ${String(from)}-${String(to)}/${String(whole.length)}`;
      response.writeHead(206, { 'Content-Range': contentRange });
      response.end(whole.subarray(from, to + 1));
      return;
    }
    const content = contentUnder(fault, whole);
    response.writeHead(200, { 'Content-Length': content.byteLength, 'Accept-Ranges': 'bytes' });
    if (fault?.kind === 'stall' || fault?.kind === 'cut') {
      response.write(content.subarray(0, Math.floor(fault.share * content.byteLength)), () => {
        if (fault.kind === 'cut') setTimeout(() => response.destroy(), 50);
      });
    } else response.end(content);
  }

  private faultOf(path: string, origin: LoggedRequest['origin']): Fault | null {
    // A fault of a large file lies where its content lies; a status may come from the hub itself.
    const isContent = origin === 'store' || path.startsWith('/kept/');
    const rule = this.rules.find(
      ({ path: end, fault, left }) =>
        left > 0 && path.endsWith(end) && (fault.kind === 'status' ? origin === 'hub' : isContent),
    );
    if (!rule) return null;
    rule.left -= 1;
    return rule.fault;
  }

  /** For tests in a browser: POST sets the faults and empties the log, GET reads the log. */
  private control(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'GET') {
      sendJson(response, this.requests);
      return;
    }
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      this.setFaults(JSON.parse(body) as FaultRule[]);
      response.end();
    });
  }
}

function sendJson(response: ServerResponse, json: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(json));
}
