import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCommand } from './command.mjs';

const here = fileURLToPath(new URL('command.test.ts', import.meta.url));
const asked = (more: readonly string[] = []): readonly string[] => [
  ...['--checkpoint', 'tiny-base,tiny-rl', '--data', 'bloodmnist', '--out', 'run.jsonl'],
  ...more,
];

describe('readCommand', () => {
  it('plans what the page starts with, where nothing else is said', () => {
    const { plan, parquet } = readCommand([...asked()]);
    expect(plan).toMatchObject({
      checkpoints: ['tiny-base', 'tiny-rl'],
      sets: ['bloodmnist'],
      npz: [],
      vqa: null,
      nulls: true,
      mode: 'think',
      sampler: { K: '16', temperature: '1', seed: '7' },
    });
    expect(parquet).toBeNull();
  });

  it('refuses what the page has no control for', () => {
    expect(() => readCommand([...asked(['--mode', 'loud'])])).toThrow('--mode is one of think');
    expect(() => readCommand([...asked(['--k', 'many'])])).toThrow('--k is a number');
    expect(() => readCommand([...asked(['--mode', 'hinted'])])).toThrow('--hint');
    expect(() => readCommand([...asked(['--hint', 'look'])])).toThrow('--hint');
    expect(() => readCommand(['--data', 'bloodmnist', '--out', 'x.jsonl'])).toThrow('--checkpoint');
    expect(() => readCommand(['--checkpoint', 'tiny-rl', '--out', 'x.jsonl'])).toThrow('--data');
    expect(() => readCommand([...asked(['--images', here])])).toThrow('.jsonl');
  });

  it('takes a shard, and only a real one', () => {
    expect(readCommand([...asked(['--shard', '3/16'])]).plan.shard).toBe('3/16');
    expect(readCommand([...asked()]).plan).not.toHaveProperty('shard');
    for (const text of ['0/4', '5/4', '3', 'a/b', '1/2/3']) {
      expect(() => readCommand([...asked(['--shard', text])]), text).toThrow('--shard is two');
    }
  });

  it('takes servers and their models, with the key from the environment and not in the plan', () => {
    const served = (...more: readonly string[]): string[] => [
      ...['--server', 'http://a:1,http://b:1', '--model', 'org/m', '--data', 'bloodmnist'],
      ...['--out', 'x.jsonl', ...more],
    ];
    const command = readCommand(served('--key-env', 'MY_KEY'), { MY_KEY: ' sk-1 ' });
    expect(command.key).toBe('sk-1');
    expect(JSON.stringify(command.plan)).not.toContain('sk-1');
    expect(command.plan).toMatchObject({
      checkpoints: [],
      servers: { addresses: ['http://a:1', 'http://b:1'], models: ['org/m'], concurrency: 'auto' },
    });
    const both = readCommand(served('--checkpoint', 'tiny-rl', '--concurrency', '8'));
    expect(both.plan).toMatchObject({ checkpoints: ['tiny-rl'], servers: { concurrency: '8' } });
    expect(both.key).toBeNull();
    expect(readCommand([...asked()]).plan).not.toHaveProperty('servers');
    expect(() => readCommand(served('--key-env', 'MY_KEY'), {})).toThrow(
      'MY_KEY, which is not set',
    );
    expect(() => readCommand(served('--concurrency', 'many'))).toThrow('--concurrency is auto or');
    expect(() => readCommand([...asked(['--model', 'm'])])).toThrow('--model belongs to --server');
    expect(() => readCommand([...asked(['--server', 'http://a:1'])])).toThrow('--model names');
  });

  it('names a file that is not there and a split that no file has', () => {
    const data = (value: string): readonly string[] => [
      ...['--checkpoint', 'tiny-rl', '--data', value, '--out', 'x.jsonl'],
    ];
    expect(() => readCommand([...data('nowhere.npz')])).toThrow('nowhere.npz is not there');
    expect(() => readCommand([...data('nowhere.npz:rest')])).toThrow('one of train, val, test');
    expect(() => readCommand([...data('nowhere.jsonl')])).toThrow('nowhere.jsonl is not there');
  });
});
