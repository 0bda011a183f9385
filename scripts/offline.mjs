/**
 * The service worker of the build, after `vite build`: a script of its own at the page's side, with the
 * list of all files of dist in it. Names with a hash are their own revision; of the others it is the
 * hash of their bytes. Says what a browser keeps ahead.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const SCRIPT = 'offline.js';

function buildFiles() {
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.br'))
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((url) => url !== SCRIPT)
    .sort()
    .map((url) => ({ url, revision: url.startsWith('assets/') ? null : hashOf(url) }));
}

function hashOf(url) {
  return createHash('sha256')
    .update(readFileSync(join(dist, url)))
    .digest('hex')
    .slice(0, 16);
}

const files = buildFiles();
await build({
  configFile: false,
  root,
  logLevel: 'warn',
  define: {
    __BUILD_FILES__: JSON.stringify(files),
    'process.env.NODE_ENV': JSON.stringify('production'),
  },
  build: {
    outDir: dist,
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'es2023',
    lib: {
      entry: join(root, 'workers/offline.worker.ts'),
      // A classic script: not every browser takes a module here.
      formats: ['iife'],
      name: 'offline',
      fileName: () => SCRIPT,
    },
  },
});
const sizeBytes = files.reduce((sum, { url }) => sum + statSync(join(dist, url)).size, 0);
console.log(`${SCRIPT} knows ${files.length} files, ${(sizeBytes / 1e6).toFixed(1)} MB.`);
