/** Whether a server can draw as the sampler says; another distribution under its name would be wrong. */

import type { SamplerSettings } from '../../core/types.ts';
import { NamedError } from '../../protocol/errors.ts';
import type { ServerCapabilities } from '../../protocol/server.ts';

/** @throws NamedError `SamplerInvalid` for a filter that the server does not have */
export function requireSampler(
  { temperature, topK, minP }: SamplerSettings,
  capabilities: ServerCapabilities,
  host: string,
): void {
  if (temperature === 0) return;
  const asked = [
    { isOn: topK > 0, name: 'Top-k', capability: capabilities.topK },
    { isOn: minP > 0, name: 'Min-p', capability: capabilities.minP },
  ];
  const lacking = asked.find(({ isOn, capability }) => isOn && capability.has === 'no');
  if (!lacking) return;
  throw new NamedError(
    'SamplerInvalid',
    `${lacking.name} is on, and ${host} does not do it. Switch it off (0). ${lacking.capability.reason}`,
  );
}
