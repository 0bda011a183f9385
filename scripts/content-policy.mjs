/**
 * The page's content security policy, put into index.html as a meta tag: a static host needs no header.
 * Workers have no page: to them a policy applies only where a host sends it as a header too.
 */

const POLICY = {
  'default-src': ["'none'"],
  // wasm is compiled, and nothing else is: no inline script, no eval.
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'"],
  'style-src': ["'self'"],
  // Positions that a template writes out (`style="…"`); they load nothing that `img-src` does not allow.
  'style-src-attr': ["'unsafe-inline'"],
  'img-src': ["'self'", 'blob:', 'data:'],
  'font-src': ["'self'", 'data:'],
  // Hubs and servers are what a person adds: any address, and none before.
  'connect-src': ["'self'", 'http:', 'https:'],
  'manifest-src': ["'self'"],
  'base-uri': ["'self'"],
  'form-action': ["'none'"],
};

/** What the development server's client needs more: styles put in by script, its socket. */
const DEVELOPMENT = {
  'style-src': ["'unsafe-inline'"],
  'connect-src': ['ws:'],
};

/** @param {Record<string, string[]>} more sources added to those of the page */
export function contentPolicy(more = {}) {
  return Object.entries(POLICY)
    .map(([name, sources]) => [name, ...sources, ...(more[name] ?? [])].join(' '))
    .join('; ');
}

/** @returns {import('vite').Plugin} */
export function contentPolicyPlugin() {
  return {
    name: 'content-policy',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { filename, server }) {
        // Pages of tests and measurements are made of inline scripts.
        if (!filename.endsWith('/index.html') || process.env.VITEST) return [];
        return [
          {
            tag: 'meta',
            attrs: {
              'http-equiv': 'Content-Security-Policy',
              content: contentPolicy(server ? DEVELOPMENT : {}),
            },
            // Before anything that it shall apply to.
            injectTo: 'head-prepend',
          },
        ];
      },
    },
  };
}
