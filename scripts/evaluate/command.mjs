/** The command line of `npm run evaluate`, read and checked. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KINDS, SAMPLER_DEFAULTS } from '../asked.mjs';

const MODES = ['think', 'direct', 'hinted'];
const DEVICES = ['wasm', 'webgpu', 'auto'];
const SHARD = /^(\d+)\/(\d+)$/u;
const SPLITS = ['train', 'val', 'test'];

const DEFAULTS = {
  items: '100',
  kind: 'options',
  mode: 'think',
  ...SAMPLER_DEFAULTS,
  device: 'wasm',
};
const TEXTS = [
  'checkpoint',
  'data',
  'images',
  'hint',
  'name',
  'shard',
  'server',
  'model',
  'key-env',
  'concurrency',
  'out',
  'parquet',
  'figures-csv',
];

/**
 * @typedef {{file: string, split: string}} NpzFile
 * @typedef {{checkpoints: string[], sets: string[], npz: NpzFile[], vqa: string | null,
 *   images: string | null, itemsPerSet: string, kind: string, mode: string, hint: string | null,
 *   sampler: Record<string, string>, nulls: boolean, name: string | null, device: string,
 *   shard?: string, servers?: {addresses: string[], models: string[], concurrency: string}}} Plan what
 *   the page is asked; numbers as they are typed into it
 * @typedef {{plan: Plan, key: string | null, out: string, parquet: string | null, figuresCsv: string | null}} Command
 */

/**
 * @param {string[]} args
 * @param {Record<string, string | undefined>} [environment] where a key is
 * @returns {Command} @throws Error that says what is wrong
 */
export function readCommand(args, environment = process.env) {
  const names = [...Object.keys(DEFAULTS), ...TEXTS, 'items-csv'];
  const options = {
    ...Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    'no-nulls': { type: 'boolean' },
  };
  const values = { ...DEFAULTS, ...parseArgs({ args, options }).values };
  const oneOf = (name, allowed) => {
    if (allowed.includes(values[name])) return values[name];
    throw new Error(`--${name} is one of ${allowed.join(', ')}; not ${values[name]}.`);
  };
  const number = (name) => {
    const text = values[name].trim();
    if (text !== '' && Number.isFinite(Number(text))) return text;
    throw new Error(`--${name} is a number; not ${values[name]}.`);
  };
  const needed = (name, words) => {
    const found = (values[name] ?? '').split(',').filter((part) => part !== '');
    if (found.length > 0) return found;
    throw new Error(`--${name} ${words}`);
  };
  const fileOf = (name) => (values[name] === undefined ? null : resolve(values[name]));
  const listOf = (name) => (values[name] === undefined ? [] : needed(name, 'is empty.'));
  const servers = serversOf(values, listOf('server'), listOf('model'));
  const mode = oneOf('mode', MODES);
  if ((mode === 'hinted') !== (values.hint !== undefined)) {
    throw new Error('--hint goes with --mode hinted, which needs it.');
  }
  const [out] = needed('out', 'names the file of the run, such as run.jsonl.');
  return {
    plan: {
      checkpoints:
        servers !== null && values.checkpoint === undefined
          ? []
          : needed('checkpoint', 'names the checkpoints, separated by commas.'),
      ...dataOf(needed('data', 'names sets or files, separated by commas.'), values.images),
      itemsPerSet: number('items'),
      kind: oneOf('kind', KINDS),
      mode,
      hint: values.hint ?? null,
      sampler: {
        K: number('k'),
        temperature: number('t'),
        'top-p': number('p'),
        'top-k': number('topk'),
        'min-p': number('minp'),
        'max tokens': number('max'),
        seed: number('seed'),
      },
      nulls: !values['no-nulls'],
      name: values.name ?? null,
      device: oneOf('device', DEVICES),
      // Absent without one: what is kept of an earlier run stays of the same plan.
      ...(values.shard !== undefined && { shard: shardOf(values.shard) }),
      ...(servers !== null && { servers }),
    },
    // No part of the plan, which is written down.
    key: keyOf(values['key-env'], environment),
    out: resolve(out),
    parquet: fileOf('parquet'),
    figuresCsv: fileOf('figures-csv'),
    itemsCsv: fileOf('items-csv'),
  };
}

/** @returns the servers of a plan; `null` where none is named */
function serversOf(values, addresses, models) {
  if (addresses.length === 0) {
    const alone = ['model', 'key-env', 'concurrency'].find((name) => values[name] !== undefined);
    if (alone === undefined) return null;
    throw new Error(`--${alone} belongs to --server.`);
  }
  if (models.length === 0) throw new Error('--model names the models of --server.');
  const { concurrency = 'auto' } = values;
  if (concurrency === 'auto' || /^[1-9]\d*$/u.test(concurrency)) {
    return { addresses, models, concurrency };
  }
  throw new Error(`--concurrency is auto or a number; not ${concurrency}.`);
}

/** From the environment: command lines are read by others and kept in histories. */
function keyOf(name, environment) {
  if (name === undefined) return null;
  const key = environment[name]?.trim();
  if (key) return key;
  throw new Error(`--key-env names ${name}, which is not set.`);
}

/** `3/16`, the third of sixteen. */
function shardOf(text) {
  const [, number, of] = (SHARD.exec(text) ?? []).map(Number);
  if (number >= 1 && number <= of) return `${number}/${of}`;
  throw new Error(`--shard is two numbers such as 3/16, the third of sixteen; not ${text}.`);
}

/** `bloodmnist`, `path/to/file.npz`, `path/to/file.npz:val` or `path/to/set.jsonl` with its images. */
function dataOf(parts, images) {
  const files = parts.filter((part) => /\.(?:npz(?::\w+)?|jsonl)$/iu.test(part));
  const vqa = files.filter((file) => /\.jsonl$/iu.test(file)).map(existing);
  if (vqa.length > 1) throw new Error('--data takes one .jsonl: run several one after the other.');
  if (images !== undefined && vqa.length === 0) throw new Error('--images belongs to a .jsonl.');
  const npz = files.filter((file) => /\.npz(?::\w+)?$/iu.test(file)).map(npzOf);
  return {
    sets: parts.filter((part) => !files.includes(part)),
    npz,
    vqa: vqa[0] ?? null,
    images: images === undefined ? null : existing(images),
  };
}

function npzOf(part) {
  const [, path, split = 'test'] = /^(.*?\.npz)(?::(\w+))?$/iu.exec(part) ?? [];
  if (!SPLITS.includes(split)) throw new Error(`${part}: a split is one of ${SPLITS.join(', ')}.`);
  return { file: existing(path), split };
}

function existing(path) {
  const full = resolve(path);
  if (!existsSync(full)) throw new Error(`${path} is not there.`);
  return full;
}
