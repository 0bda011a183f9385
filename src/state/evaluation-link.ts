/** Evaluate as an address: `#/evaluate?run=<id>&device=wasm&shard=3/16`. Pure. */

import type { DevicePreference } from '../protocol/vlm.ts';

export interface EvaluationLink {
  /** The run that is open; `null` for none. */
  readonly runId: string | null;
  readonly device: DevicePreference;
  /** Which shard of the plan the next run is, as it stands there; `null` for the whole plan. */
  readonly shard: string | null;
}

const DEVICES: readonly DevicePreference[] = ['auto', 'webgpu', 'wasm'];

export function parseEvaluationLink(hash: string): EvaluationLink {
  const query = new URLSearchParams(hash.split('?')[1] ?? '');
  return {
    runId: query.get('run'),
    device: DEVICES.find((one) => one === query.get('device')) ?? 'auto',
    shard: query.get('shard'),
  };
}

export function formatEvaluationLink({ runId, device, shard }: EvaluationLink): string {
  const query = new URLSearchParams({
    ...(runId !== null && { run: runId }),
    ...(device !== 'auto' && { device }),
    ...(shard !== null && { shard }),
  })
    .toString()
    // A slash needs no escape here, and `3/16` can be read.
    .replaceAll('%2F', '/');
  return query === '' ? '#/evaluate' : `#/evaluate?${query}`;
}
