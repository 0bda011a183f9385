/** What this machine could run under a preference, asked once and before anything is loaded. */

import type { DeviceAbility, DtypeChoice } from '../backend/hub-dtypes.ts';
import type { HubFacts } from '../backend/hub-repository.ts';
import type { DevicePreference } from '../protocol/vlm.ts';

export interface DevicePorts {
  readonly ability: (preference: DevicePreference) => Promise<DeviceAbility>;
  readonly choicesFor: (
    dtypes: HubFacts['dtypes'],
    ability: DeviceAbility,
  ) => readonly DtypeChoice[];
}

export class DeviceView {
  #preference = $state<DevicePreference>('auto');
  #ability = $state.raw<DeviceAbility | null>(null);
  #asked: Promise<DeviceAbility> | null = null;

  constructor(private readonly ports: DevicePorts) {}

  get preference(): DevicePreference {
    return this.#preference;
  }
  /** `null` until it was asked. */
  get ability(): DeviceAbility | null {
    return this.#ability;
  }

  prefer(preference: DevicePreference): void {
    if (preference === this.#preference) return;
    this.#preference = preference;
    this.#asked = null;
  }

  async look(): Promise<DeviceAbility> {
    this.#asked ??= this.ports.ability(this.#preference);
    const ability = await this.#asked;
    this.#ability = ability;
    return ability;
  }

  /** What it makes of the data types of a checkpoint. */
  readonly choices = async ({ dtypes }: HubFacts): Promise<readonly DtypeChoice[]> =>
    this.ports.choicesFor(dtypes, await this.look());
}
