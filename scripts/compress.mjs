/**
 * Puts a brotli file beside everything in dist that shrinks by it. The runtime's binaries take half
 * a minute each, so results are kept in .cache by content and quality.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const compress = promisify(brotliCompress);
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const cache = fileURLToPath(new URL('../.cache/brotli', import.meta.url));
const COMPRESSIBLE = new Set([
  '.html',
  '.js',
  '.mjs',
  '.css',
  '.json',
  '.svg',
  '.wasm',
  '.onnx',
  '.md',
  '.webmanifest',
  '.jsonl',
]);
const LARGE_BYTES = 2_000_000;

async function compressFile(path) {
  const data = readFileSync(path);
  const quality = data.byteLength > LARGE_BYTES ? 9 : 11;
  const key = join(cache, `${createHash('sha256').update(data).digest('hex')}-q${quality}.br`);
  if (!existsSync(key)) {
    // A minute or two without a word looks like a halt.
    if (data.byteLength > LARGE_BYTES) {
      console.log(`Compressing ${basename(path)}, ${Math.round(data.byteLength / 1e6)} MB …`);
    }
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: data.byteLength,
    };
    writeFileSync(key, await compress(data, { params }));
  }
  const compressed = readFileSync(key);
  if (compressed.byteLength < data.byteLength) writeFileSync(`${path}.br`, compressed);
}

mkdirSync(cache, { recursive: true });
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && COMPRESSIBLE.has(extname(entry.name)))
  .map((entry) => join(entry.parentPath, entry.name));
await Promise.all(files.map(compressFile));
console.log(`Compressed ${files.length} files of dist.`);
