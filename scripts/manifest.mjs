/**
 * Writes `manifest.json` into every folder of public/models: each file with size and SHA-256, and a
 * revision over all of them. Run after an export: `npm run manifest`. A test compares it with the files.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const modelsFolder = fileURLToPath(new URL('../public/models', import.meta.url));
const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** @param {string} folder @returns {{revision: string, files: {path: string, sizeBytes: number, sha256: string}[]}} */
export function manifestOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !['manifest.json', 'README.md'].includes(entry.name))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const data = readFileSync(file);
      const path = relative(folder, file).split(sep).join('/');
      return { path, sizeBytes: data.byteLength, sha256: sha256(data) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const revision = sha256(files.map((file) => `${file.path} ${file.sha256}`).join('\n'));
  return { revision: revision.slice(0, 16), files };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of readdirSync(modelsFolder)) {
    const manifest = manifestOf(join(modelsFolder, name));
    writeFileSync(
      join(modelsFolder, name, 'manifest.json'),
      `${JSON.stringify(manifest, null, 1)}\n`,
    );
    console.log(`${name}: ${manifest.files.length} files, revision ${manifest.revision}`);
  }
}
