/** What was found out of a server, and what was given up since because it refused a request for it. */

import type { SamplerSettings } from '../../core/types.ts';
import type { Capability, ServerCapabilities } from '../../protocol/server.ts';
import type { ChatAsk } from './chat-request.ts';
import { no, refusedFor } from './probe-asks.ts';
import type { ServerFault } from './server-fault.ts';

type Asked = 'n' | 'seed' | 'logProbs' | 'topK' | 'minP' | 'streaming' | 'tokenIds';

export class FoundCapabilities {
  private found: ServerCapabilities;

  constructor(found: ServerCapabilities) {
    this.found = found;
  }

  get all(): ServerCapabilities {
    return this.found;
  }

  /** Whether it is asked for: also where it is not known. */
  has(name: Asked): boolean {
    return this.found[name].has !== 'no';
  }

  /**
   * After a refusal: gives up one thing that was asked for without being known. `false` where there was
   * none, and the same request would be refused again. A filter that the sampler needs is never given up.
   *
   * @param asked what was known when the request was made: another may have given the thing up since
   */
  giveUp(
    fault: ServerFault,
    ask: ChatAsk,
    sampler: SamplerSettings,
    asked: ServerCapabilities,
  ): boolean {
    if (fault.name !== 'RequestRefused') return false;
    const wasAsked: Readonly<Record<Asked, boolean>> = {
      tokenIds: true,
      streaming: ask.streams,
      logProbs: ask.topLogProbs !== null,
      minP: sampler.minP === 0,
      topK: sampler.topK === 0,
      seed: ask.seed !== null,
      n: ask.n > 1,
    };
    const names = (Object.keys(wasAsked) as Asked[]).filter(
      (name) => wasAsked[name] && asked[name].has !== 'no',
    );
    if (names.some((name) => !this.has(name))) return true;
    const doubtful = names.find((name) => this.found[name].has === 'unknown');
    if (doubtful === undefined) return false;
    this.set(doubtful, refusedFor(fault.facts.words));
    return true;
  }

  giveUpSeveral(brought: number, asked: number): void {
    this.set('n', no(`Asked for ${String(asked)} answers it gave ${String(brought)}.`));
  }

  private set(name: Asked, capability: Capability): void {
    this.found = { ...this.found, [name]: capability };
  }
}
