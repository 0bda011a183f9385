/**
 * Shards of one run over sets as one run file, which the page opens and can go on with:
 *
 *   npm run merge -- --out run.jsonl shard-*.jsonl
 *
 * The files have to be of one plan, one setting and one answerer per checkpoint. What is missing is said, and
 * is no error: with the missing shards, or with `run.jsonl` and them, the command is given again.
 */
import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { root } from './steps.mjs';

const PIECE_CHARACTERS = 2 ** 20;
const PROBLEMS_NAMED = 20;

/** @param {string[]} args @returns {{out: string, files: string[]}} @throws Error that says what is wrong */
export function readMergeCommand(args) {
  const { values, positionals } = parseArgs({
    args,
    options: { out: { type: 'string' } },
    allowPositionals: true,
  });
  if (values.out === undefined)
    throw new Error('--out names the file to write, such as run.jsonl.');
  if (positionals.length === 0) throw new Error('Name the files of the shards.');
  const out = resolve(values.out);
  if (existsSync(out)) throw new Error(`${values.out} is there already.`);
  const absent = positionals.find((file) => !existsSync(file));
  if (absent !== undefined) throw new Error(`${absent} is not there.`);
  return { out, files: positionals.map((file) => resolve(file)) };
}

/** A file as `mergeRuns` takes it. */
async function mergeFile(path) {
  const handle = await open(path);
  return {
    name: basename(path),
    bytes: () => createReadStream(path),
    read: async (start, end) => {
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(end - start),
        0,
        end - start,
        start,
      );
      return buffer.subarray(0, bytesRead);
    },
    close: () => handle.close(),
  };
}

/** Whole or not at all: it has its name when it is written. */
async function write(out, pieces) {
  const part = `${out}.part`;
  const handle = await open(part, 'w');
  try {
    let waiting = '';
    for await (const piece of pieces) {
      waiting += piece;
      if (waiting.length < PIECE_CHARACTERS) continue;
      await handle.write(waiting);
      waiting = '';
    }
    await handle.write(waiting);
    await handle.close();
  } catch (thrown) {
    await handle.close().catch(() => undefined);
    await rm(part, { force: true });
    throw thrown;
  }
  await rename(part, out);
}

/** @returns {string[]} what there is to say of a merge */
export function reportLines({ name, done, total, repeated, missing, problems }) {
  const named = problems.slice(0, PROBLEMS_NAMED);
  return [
    `“${name}”: ${done} of ${total} records.`,
    ...(repeated > 0 ? [`${repeated} were in two files with the same answers.`] : []),
    ...named.map(({ file, line, message }) =>
      line === null ? `${file} ${message}.` : `Left out: ${file}, line ${line}: ${message}`,
    ),
    ...(problems.length > named.length ? [`and ${problems.length - named.length} more.`] : []),
    ...missing.map(
      ({ shard, missing: count, total: all }) =>
        `Missing: ${count} of ${all} records${shard ? ` of shard ${shard.number}/${shard.of}` : ''}.`,
    ),
    ...(missing.length > 0
      ? [
          'Run what is missing and merge again; where the images are in the file, the page goes on too.',
        ]
      : []),
  ];
}

async function main() {
  const { out, files: paths } = readMergeCommand(process.argv.slice(2));
  // TypeScript: Node 20 does not read it by itself.
  const { module } = await runnerImport(`${root}src/storage/merge/merge-runs.ts`, {
    ...{ root, configFile: false, logLevel: 'error' },
  });
  const files = await Promise.all(paths.map(mergeFile));
  try {
    const { report, pieces } = await module.mergeRuns(files);
    await write(out, pieces());
    for (const line of reportLines(report)) console.log(line);
    console.log(`${out} is written.`);
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    process.exitCode = 1;
  }
}
