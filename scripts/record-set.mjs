/**
 * Ships a run over sets with the page: `npm run record-set -- run.jsonl`, a file that `npm run evaluate`
 * or the page wrote, becomes public/runs/family.jsonl.gz beside what the page says of it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { root } from './steps.mjs';

const FILE_NAME = 'family.jsonl.gz';

const [source] = process.argv.slice(2);
if (!source) {
  console.error('Which file? npm run record-set -- run.jsonl');
  process.exit(1);
}
const text = readFileSync(source);
const { runId, set } = JSON.parse(text.subarray(0, text.indexOf(10)).toString('utf8'));
if (!set || set.done !== set.items * set.settings.checkpointIds.length) {
  console.error(`${source} is no run over sets that is whole.`);
  process.exit(1);
}
const packed = gzipSync(text, { level: 9 });
const folder = `${root}public/runs/`;
writeFileSync(`${folder}${FILE_NAME}`, packed);
const facts = {
  fileName: FILE_NAME,
  runId,
  name: set.name,
  items: set.items,
  sets: set.datasets.length,
  checkpointIds: set.settings.checkpointIds,
  k: set.settings.sampler.k,
  promptMode: set.settings.promptMode,
  sizeBytes: packed.length,
};
writeFileSync(`${folder}family.json`, `${JSON.stringify(facts, null, 2)}\n`);
console.log(`${FILE_NAME}: ${text.length} bytes, packed ${packed.length}.`);
