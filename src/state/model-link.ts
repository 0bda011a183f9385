/**
 * The Models screen as an address: `#/models?look=owner/name&server=http://localhost:8000&device=wasm`.
 * A key is never in it. Pure.
 */

import type { DevicePreference } from '../protocol/vlm.ts';

export interface ModelsLink {
  /** The repository in the field, as typed; nothing is asked of a hub until a person presses the button. */
  readonly look: string;
  /** The servers in their field, as typed; nothing is asked of them either. */
  readonly server: string;
  readonly device: DevicePreference;
}

const DEVICES: readonly DevicePreference[] = ['auto', 'webgpu', 'wasm'];

export function parseModelsLink(hash: string): ModelsLink {
  const query = new URLSearchParams(hash.split('?')[1] ?? '');
  return {
    look: query.get('look') ?? '',
    server: query.get('server') ?? '',
    device: DEVICES.find((one) => one === query.get('device')) ?? 'auto',
  };
}

export function formatModelsLink({ look, server, device }: ModelsLink): string {
  const query = new URLSearchParams({
    ...(look !== '' && { look }),
    ...(server !== '' && { server }),
    ...(device !== 'auto' && { device }),
  })
    .toString()
    .replaceAll('%2F', '/')
    .replaceAll('%3A', ':')
    .replaceAll('%40', '@');
  return query === '' ? '#/models' : `#/models?${query}`;
}
