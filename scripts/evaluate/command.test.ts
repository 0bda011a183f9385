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

  it('names a file that is not there and a split that no file has', () => {
    const data = (value: string): readonly string[] => [
      ...['--checkpoint', 'tiny-rl', '--data', value, '--out', 'x.jsonl'],
    ];
    expect(() => readCommand([...data('nowhere.npz')])).toThrow('nowhere.npz is not there');
    expect(() => readCommand([...data('nowhere.npz:rest')])).toThrow('one of train, val, test');
    expect(() => readCommand([...data('nowhere.jsonl')])).toThrow('nowhere.jsonl is not there');
  });
});
