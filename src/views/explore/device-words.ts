/** From the reports of loaded checkpoints to the words of the device panel. Pure. */

import { formatBytes, formatCount } from '../../ui/format-amount.ts';
import type { DeviceReport, LoadedDevice } from './device-badge.ts';

type RungReport = DeviceReport['rungs'][number];
type SelfCheck = NonNullable<RungReport['operators']>;

/** Result of one self-test: an error with its limit, or why there is none. */
export interface CheckWords {
  readonly text: string;
  /** Empty where there was no test. */
  readonly limit: string;
  readonly passed: boolean | null;
}

/** One try of one checkpoint on one device. */
export interface TryRow {
  readonly id: string;
  readonly operators: CheckWords;
  readonly firstToken: CheckWords;
  /** e.g. `1,204 ms`. */
  readonly time: string;
}

export interface RungWords {
  readonly rung: RungReport['rung'];
  readonly name: string;
  readonly runs: boolean;
  /** `runs`, `failed the self-test`, `failed` or `not there`. */
  readonly outcome: string;
  /** Why it was left, a sentence; empty where it runs. */
  readonly why: string;
  /** In the order of the group's ids. */
  readonly tries: readonly TryRow[];
}

export interface Fact {
  readonly term: string;
  readonly value: string;
}

/** Checkpoints that came to the same device in the same way; only errors and times may differ. */
export interface DeviceGroup {
  readonly ids: readonly string[];
  readonly facts: readonly Fact[];
  /** In the order in which they were tried. */
  readonly rungs: readonly RungWords[];
  /** Of the rung that runs; none on wasm. */
  readonly features: readonly string[];
  readonly limits: readonly Fact[];
}

/** The reports in words, one group for all checkpoints with which the ladder went alike. */
export function deviceGroups(loaded: readonly LoadedDevice[]): readonly DeviceGroup[] {
  const groups = new Map<string, [LoadedDevice, ...LoadedDevice[]]>();
  for (const one of loaded) {
    const key = groupKey(one.device);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()].map((group) => {
    const [{ device }] = group;
    const last = device.rungs.at(-1);
    return {
      ids: group.map(({ id }) => id),
      facts: factsOf(device),
      rungs: device.rungs.map((report, at) => rungWords(report, at, group)),
      features: last?.features ?? [],
      limits: Object.entries(last?.limits ?? {}).map(([name, value]) => limitFact(name, value)),
    };
  });
}

/** All of a report but its errors and times. */
function groupKey({ kind, adapter, binary, threads, asked, rungs }: DeviceReport): string {
  const tried = rungs.map((one) => [
    one.rung,
    one.outcome,
    one.reason,
    one.adapter,
    one.features,
    one.limits,
  ]);
  return JSON.stringify([kind, adapter, binary, threads, asked, tried]);
}

const RUNG_NAMES: Readonly<Record<RungReport['rung'], string>> = {
  webgpu: 'WebGPU',
  'webgpu-without-subgroups': 'WebGPU without subgroups',
  wasm: 'wasm',
};

const ASKED_WORDS: Readonly<Record<DeviceReport['asked'], string>> = {
  auto: 'the first that passes, the fastest tried first',
  webgpu: 'WebGPU was asked for, so wasm would not have been tried',
  wasm: 'wasm was asked for, so nothing else was tried',
};

function factsOf({ kind, adapter, binary, threads, asked, rungs }: DeviceReport): Fact[] {
  return [
    { term: 'runs on', value: RUNG_NAMES[rungs.at(-1)?.rung ?? kind] },
    ...(adapter === null ? [] : [{ term: 'adapter', value: adapter }]),
    { term: 'runtime', value: `${binary} build` },
    { term: 'threads', value: String(threads) },
    { term: 'chosen', value: ASKED_WORDS[asked] },
  ];
}

/** What became of one rung; `at` is its place in every report of the group. */
function rungWords(
  { rung, outcome, reason, operators, firstToken }: RungReport,
  at: number,
  group: readonly LoadedDevice[],
): RungWords {
  const failedTest = [operators, firstToken].some((check) => check?.passed === false);
  const outcomes: Readonly<Record<RungReport['outcome'], string>> = {
    runs: 'runs',
    failed: failedTest ? 'failed the self-test' : 'failed',
    unavailable: 'not there',
  };
  return {
    rung,
    name: RUNG_NAMES[rung],
    runs: outcome === 'runs',
    outcome: outcomes[outcome],
    why: sentence(reason),
    tries: group.flatMap(({ id, device }) => {
      const report = device.rungs[at];
      return report ? [tryRow(id, report)] : [];
    }),
  };
}

function tryRow(id: string, { outcome, operators, firstToken, elapsedMs }: RungReport): TryRow {
  const missing = outcome === 'runs' ? 'nothing to compare with' : 'not reached';
  return {
    id,
    operators: checkWords(operators, '', missing),
    firstToken: checkWords(firstToken, ' nats', missing),
    time: `${formatCount(elapsedMs)} ms`,
  };
}

function checkWords(check: SelfCheck | null, unit: string, missing: string): CheckWords {
  if (check === null) return { text: missing, limit: '', passed: null };
  const { maxAbsError, limit, passed } = check;
  const text = Number.isFinite(maxAbsError) ? `${formatError(maxAbsError)}${unit}` : 'no number';
  return { text, limit: `limit ${formatError(limit)}${unit}`, passed };
}

/** An error, at least 0, in two significant digits: `0.46`, `0.001`, `3.1 × 10⁻⁷`. */
export function formatError(value: number): string {
  const rounded = Number(value.toPrecision(2));
  if (rounded === 0 || rounded >= 1e-3) return String(rounded);
  const [mantissa = '', exponent = ''] = rounded.toExponential().split('e-');
  const raised = [...exponent].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(digit))).join('');
  return `${mantissa} × 10⁻${raised}`;
}

/** What the limits of a graphics device say, by their names in WebGPU. */
const LIMITS: Readonly<Record<string, { readonly words: string; readonly isBytes: boolean }>> = {
  maxBufferSize: { words: 'largest buffer', isBytes: true },
  maxStorageBufferBindingSize: { words: 'largest buffer of one operator', isBytes: true },
  maxComputeWorkgroupStorageSize: { words: 'memory shared by a workgroup', isBytes: true },
  maxComputeWorkgroupSizeX: { words: 'workgroup size x', isBytes: false },
  maxComputeWorkgroupSizeY: { words: 'workgroup size y', isBytes: false },
  maxComputeWorkgroupSizeZ: { words: 'workgroup size z', isBytes: false },
  maxComputeInvocationsPerWorkgroup: { words: 'threads in a workgroup', isBytes: false },
  maxComputeWorkgroupsPerDimension: { words: 'workgroups per dimension', isBytes: false },
  maxStorageBuffersPerShaderStage: { words: 'buffers of one operator', isBytes: false },
};

function limitFact(name: string, value: number): Fact {
  const { words, isBytes } = LIMITS[name] ?? { words: name, isBytes: false };
  const count = formatCount(value);
  return { term: words, value: isBytes ? `${formatBytes(value)} (${count} bytes)` : count };
}

function sentence(words: string): string {
  if (words === '') return '';
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${words.endsWith('.') ? '' : '.'}`;
}
