/**
 * A small static server for the build: real 404s, cross-origin isolation (for wasm threads) and the
 * precompressed files. `vite preview` answers a missing file with the page and status 200.
 */
import { createServer } from 'node:http';
import sirv from 'sirv';

/**
 * @param {string} folder the build
 * @param {{port?: number, isolated?: boolean, basePath?: string}} [options] port 0 takes a free one
 * @returns {Promise<{url: string, sentBytes: () => number, close: () => Promise<void>}>}
 */
export async function serve(folder, { port = 0, isolated = true, basePath = '/' } = {}) {
  const files = sirv(folder, {
    brotli: true,
    etag: true,
    dotfiles: false,
    setHeaders(response, path) {
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.setHeader(
        'Cache-Control',
        path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
      // A packed file is what is asked for, as on any static host; unpacked on the way, ten times its size
      // would be kept for use without network.
      if (path.endsWith('.gz')) {
        response.setHeader('Content-Encoding', 'identity');
        response.setHeader('Content-Type', 'application/gzip');
      }
    },
  });
  const server = createServer((request, response) => {
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const notFound = () => {
      response.writeHead(404, { 'Content-Type': 'text/plain' });
      response.end('Not found');
    };
    if (!request.url?.startsWith(basePath)) return notFound();
    request.url = `/${request.url.slice(basePath.length)}`;
    files(request, response, notFound);
  });
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${basePath}`,
    /** Bytes over the wire so far, headers included. */
    sentBytes: () => [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0),
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        // A browser connects ahead of its requests; such a socket would keep `close` waiting for ever.
        server.closeAllConnections();
      }),
  };
}
