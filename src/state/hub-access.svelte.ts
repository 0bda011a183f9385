/**
 * Which hub is asked, and with which token. A token belongs to the hub that it was given for: another
 * address forgets it, so that it is never sent to a mirror.
 */

import { HUB_ENDPOINT } from '../protocol/hub.ts';
import { hubAddress, readHubSettings, writeHubSettings } from '../storage/hub-settings.ts';

export class HubAccess {
  #endpoint = $state('');
  #token = $state<string | null>(null);
  #remembers = $state(false);
  #problem = $state<string | null>(null);

  constructor(private readonly storage: Storage) {
    const { endpoint, token } = readHubSettings(storage);
    this.#endpoint = endpoint;
    this.#token = token;
    this.#remembers = token !== null;
  }

  /** Address with a trailing slash. */
  get endpoint(): string {
    return this.#endpoint;
  }
  get isPublic(): boolean {
    return this.#endpoint === HUB_ENDPOINT;
  }
  /** `null` where none is given. */
  get token(): string | null {
    return this.#token;
  }
  /** Whether the token is written into the browser's storage. */
  get remembers(): boolean {
    return this.#remembers;
  }
  /** What is wrong with the address that was typed last; `null` where it was taken. */
  get problem(): string | null {
    return this.#problem;
  }

  /** The token for requests to this hub; `null` for another one. */
  tokenFor(endpoint: string): string | null {
    return endpoint === this.#endpoint ? this.#token : null;
  }

  /** Takes another hub, the public one for an empty text. `false` where it is no address, or the same. */
  setEndpoint(typed: string): boolean {
    const endpoint = typed.trim() === '' ? HUB_ENDPOINT : hubAddress(typed);
    this.#problem =
      endpoint === null
        ? 'A hub has an address like https://huggingface.co/ or a mirror of it.'
        : null;
    if (endpoint === null || endpoint === this.#endpoint) return false;
    this.#endpoint = endpoint;
    this.#token = null;
    this.#remembers = false;
    this.#keep();
    return true;
  }

  setToken(typed: string): void {
    const token = typed.trim();
    this.#token = token === '' ? null : token;
    this.#keep();
  }

  setRemembers(wanted: boolean): void {
    this.#remembers = wanted;
    this.#keep();
  }

  #keep(): void {
    writeHubSettings(this.storage, {
      endpoint: this.#endpoint,
      token: this.#remembers ? this.#token : null,
    });
  }
}
