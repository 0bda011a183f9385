import { describe, expect, it } from 'vitest';
import { badgeWords, type LoadedDevice } from './device-badge.ts';
import { deviceGroups, formatError, type DeviceGroup } from './device-words.ts';

type DeviceReport = LoadedDevice['device'];
type RungReport = DeviceReport['rungs'][number];

const check = (maxAbsError: number, limit: number) => ({
  passed: maxAbsError <= limit,
  maxAbsError,
  limit,
  elapsedMs: 3,
});

const RUNG: RungReport = {
  rung: 'wasm',
  outcome: 'runs',
  reason: '',
  adapter: null,
  features: [],
  limits: {},
  operators: check(3.14e-7, 1e-3),
  firstToken: check(0.0123, 0.02),
  elapsedMs: 1203.6,
};

function reportOf(rungs: readonly RungReport[], changes: Partial<DeviceReport> = {}): DeviceReport {
  const selfCheck = rungs.at(-1)?.firstToken ?? null;
  const usual = { kind: 'wasm', adapter: null, binary: 'jspi', threads: 3, asked: 'auto' } as const;
  return { ...usual, selfCheck, rungs, ...changes };
}

const GPU = { adapter: 'google swiftshader', limits: { maxBufferSize: 2 ** 31 } };
const WITHOUT: RungReport = {
  ...RUNG,
  ...GPU,
  rung: 'webgpu-without-subgroups',
  features: ['shader-f16'],
  limits: {
    maxBufferSize: 2 ** 31,
    maxComputeWorkgroupStorageSize: 32_768,
    maxComputeWorkgroupSizeX: 1024,
    maxNewLimit: 7,
  },
};
const WITH: RungReport = {
  ...WITHOUT,
  rung: 'webgpu',
  outcome: 'failed',
  reason: 'this graphics device computes other numbers (off by 0.46)',
  features: ['shader-f16', 'subgroups'],
  operators: check(0.4567, 1e-3),
  firstToken: null,
};
const ON_GPU = reportOf([WITH, WITHOUT], {
  kind: 'webgpu',
  adapter: 'google swiftshader',
  threads: 1,
});
const ON_WASM = reportOf([RUNG], { asked: 'wasm' });

const groupOf = (device: DeviceReport): DeviceGroup => {
  const [group] = deviceGroups([{ id: 'tiny-sft', device }]);
  if (!group) throw new Error('There is no group.');
  return group;
};
const factOf = (group: DeviceGroup, wanted: string): string | undefined =>
  group.facts.find(({ term }) => term === wanted)?.value;

describe('badgeWords', () => {
  it('names each device once, and is checked only where all are', () => {
    expect(badgeWords([], false)).toEqual({ label: 'no checkpoint loaded', checked: null });
    expect(badgeWords([], true).label).toBe('a server answers');
    const loaded = [ON_GPU, ON_WASM, ON_WASM].map((device, i) => ({ id: String(i), device }));
    expect(badgeWords(loaded, true)).toEqual({
      label: 'WebGPU and wasm, 3 threads',
      checked: true,
    });
    const wrong = reportOf([{ ...RUNG, firstToken: check(1, 0.02) }], { threads: 1 });
    expect(
      badgeWords(
        [
          { id: 'a', device: ON_GPU },
          { id: 'b', device: wrong },
        ],
        false,
      ),
    ).toEqual({
      label: 'WebGPU and wasm, 1 thread',
      checked: false,
    });
  });

  it('says nothing of a check where nothing was compared', () => {
    const device = reportOf([{ ...RUNG, firstToken: null }]);
    expect(badgeWords([{ id: 'a', device }], false).checked).toBeNull();
  });
});

describe('deviceGroups', () => {
  it('says what runs and why', () => {
    const wasm = groupOf(ON_WASM);
    expect(wasm.facts.map(({ term }) => term)).toEqual(['runs on', 'runtime', 'threads', 'chosen']);
    expect(factOf(wasm, 'runs on')).toBe('wasm');
    expect(factOf(wasm, 'threads')).toBe('3');
    expect(factOf(wasm, 'chosen')).toContain('wasm was asked for');
    const gpu = groupOf(ON_GPU);
    expect(factOf(gpu, 'runs on')).toBe('WebGPU without subgroups');
    expect(factOf(gpu, 'adapter')).toBe('google swiftshader');
    expect(factOf(gpu, 'chosen')).toContain('the first that passes');
  });

  it('has every rung in order, with its errors, their limits and the time', () => {
    const { rungs } = groupOf(ON_GPU);
    expect(rungs.map(({ rung, outcome, runs }) => [rung, outcome, runs])).toEqual([
      ['webgpu', 'failed the self-test', false],
      ['webgpu-without-subgroups', 'runs', true],
    ]);
    expect(rungs.map(({ why }) => why)).toEqual([
      'This graphics device computes other numbers (off by 0.46).',
      '',
    ]);
    expect(rungs.flatMap(({ tries }) => tries)).toEqual([
      {
        id: 'tiny-sft',
        operators: { text: '0.46', limit: 'limit 0.001', passed: false },
        firstToken: { text: 'not reached', limit: '', passed: null },
        time: '1,204 ms',
      },
      {
        id: 'tiny-sft',
        operators: { text: '3.1 × 10⁻⁷', limit: 'limit 0.001', passed: true },
        firstToken: { text: '0.012 nats', limit: 'limit 0.02 nats', passed: true },
        time: '1,204 ms',
      },
    ]);
  });

  it('tells a failed self-test from another failure and from a device that is not there', () => {
    const outcomeOf = (changes: Partial<RungReport>) =>
      groupOf(reportOf([{ ...RUNG, ...changes }, RUNG])).rungs[0]?.outcome;
    expect(outcomeOf({ outcome: 'failed', reason: 'It does not fit.' })).toBe('failed');
    expect(outcomeOf({ outcome: 'failed', firstToken: check(NaN, 0.02) })).toBe(
      'failed the self-test',
    );
    expect(outcomeOf({ outcome: 'unavailable', operators: null })).toBe('not there');
  });

  it('names a first token without a reference, and a device that gave no number', () => {
    const [none] = groupOf(reportOf([{ ...RUNG, firstToken: null }])).rungs;
    expect(none?.tries[0]?.firstToken.text).toBe('nothing to compare with');
    for (const error of [NaN, Infinity]) {
      const [wrong] = groupOf(
        reportOf([{ ...RUNG, outcome: 'failed', firstToken: check(error, 0.02) }]),
      ).rungs;
      expect(wrong?.tries[0]?.firstToken).toMatchObject({ text: 'no number', passed: false });
    }
  });

  it('has features and limits of the rung that runs, bytes as bytes', () => {
    const { features, limits } = groupOf(ON_GPU);
    expect(features).toEqual(['shader-f16']);
    expect(limits).toEqual([
      { term: 'largest buffer', value: '2.1\u00a0GB (2,147,483,648 bytes)' },
      { term: 'memory shared by a workgroup', value: '32.8\u00a0kB (32,768 bytes)' },
      { term: 'workgroup size x', value: '1,024' },
      { term: 'maxNewLimit', value: '7' },
    ]);
  });

  it('puts checkpoints together whose reports differ only in errors and times', () => {
    const slower = { ...RUNG, firstToken: check(0.001, 0.02), elapsedMs: 2000 };
    const groups = deviceGroups([
      { id: 'a', device: ON_WASM },
      { id: 'b', device: ON_GPU },
      { id: 'c', device: reportOf([slower], { asked: 'wasm' }) },
      { id: 'd', device: reportOf([RUNG]) },
    ]);
    expect(groups.map(({ ids }) => ids)).toEqual([['a', 'c'], ['b'], ['d']]);
    const tries = groups[0]?.rungs[0]?.tries;
    expect(tries?.map(({ id, firstToken, time }) => [id, firstToken.text, time])).toEqual([
      ['a', '0.012 nats', '1,204 ms'],
      ['c', '0.001 nats', '2,000 ms'],
    ]);
  });
});

describe('formatError', () => {
  it.each([
    [0, '0'],
    [0.4567, '0.46'],
    [123.4, '120'],
    [0.001, '0.001'],
    [0.0009996, '0.001'],
    [0.00013, '1.3 × 10⁻⁴'],
    [2e-12, '2 × 10⁻¹²'],
  ])('%s → %s', (value, text) => {
    expect(formatError(value)).toBe(text);
  });
});
