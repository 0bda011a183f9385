/** Evaluate as an address: `#/evaluate?run=<id>&device=wasm`. Pure. */

import type { DevicePreference } from '../protocol/vlm.ts';

export interface EvaluationLink {
  /** The run that is open; `null` for none. */
  readonly runId: string | null;
  readonly device: DevicePreference;
}

const DEVICES: readonly DevicePreference[] = ['auto', 'webgpu', 'wasm'];

export function parseEvaluationLink(hash: string): EvaluationLink {
  const query = new URLSearchParams(hash.split('?')[1] ?? '');
  return {
    runId: query.get('run'),
    device: DEVICES.find((one) => one === query.get('device')) ?? 'auto',
  };
}

export function formatEvaluationLink({ runId, device }: EvaluationLink): string {
  const query = new URLSearchParams({
    ...(runId !== null && { run: runId }),
    ...(device !== 'auto' && { device }),
  }).toString();
  return query === '' ? '#/evaluate' : `#/evaluate?${query}`;
}
