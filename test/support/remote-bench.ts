/** A backend before the scripted server, and what it brought: shared by the tests of servers. */

import type { CheckpointRow } from '../../src/backend/answer-backend.ts';
import { OriginGate } from '../../src/backend/remote/origin-gate.ts';
import {
  RemoteBackend,
  USUAL_SETTINGS,
  type RemoteSettings,
} from '../../src/backend/remote/remote-backend.ts';
import { SAMPLER } from '../../src/core/record-fixture.ts';
import type { Sample, SamplerSettings } from '../../src/core/types.ts';
import type { ServerAddress } from '../../src/protocol/server.ts';
import type { AnswerReply, AnswerRequest } from '../../src/protocol/vlm.ts';
import { TOY_MODEL, type ServerProfile } from './openai-profile.ts';
import type { OpenAiServer } from './openai-server.ts';

export const ROW: CheckpointRow = {
  id: 'toy',
  name: 'Toy 7B',
  stage: 'rl',
  parent: null,
  about: 'a scripted server',
  license: 'MIT',
  dtype: {},
  trainedOn: null,
  rlOn: null,
};

/** Impatient, so that tests end soon. */
export const SETTINGS: RemoteSettings = {
  ...USUAL_SETTINGS,
  concurrency: 4,
  retries: { attempts: 4, firstWaitMs: 5, longestWaitMs: 5_000 },
  patience: { first: 400, between: 300, whole: 2_000 },
};

export const quiet = { signal: new AbortController().signal, onEvent: () => undefined };

export const backendAt = (
  address: ServerAddress,
  gate: OriginGate,
  modelId = TOY_MODEL,
  settings: Partial<RemoteSettings> = {},
): RemoteBackend => new RemoteBackend(ROW, modelId, address, gate, { ...SETTINGS, ...settings });

/** Loads a backend from the server in that profile; the log begins behind the load. */
export const loader =
  (server: () => OpenAiServer) =>
  async (
    profile: Partial<ServerProfile> = {},
    settings: Partial<RemoteSettings> = {},
    key: string | null = null,
  ): Promise<RemoteBackend> => {
    server().reset(profile);
    const { address } = server();
    const gate = new OriginGate();
    gate.add(address, key);
    const backend = backendAt(address, gate, TOY_MODEL, settings);
    await backend.load('auto', quiet);
    server().log = [];
    return backend;
  };

export function requestOf(sampler: Partial<SamplerSettings> = {}, greedy = false): AnswerRequest {
  return {
    image: { width: 2, height: 2, data: new Uint8Array(12).fill(90) },
    promptText: 'Which cell is this?',
    itemId: 'bloodmnist/test/3',
    sampler: { ...SAMPLER, k: 8, temperature: 1, topP: 1, maxNewTokens: 8, ...sampler },
    greedy,
    firstIndex: 0,
  };
}

export interface Asked {
  /** Sorted by index. */
  readonly samples: readonly Sample[];
  readonly greedy: Sample | null;
  readonly reply: AnswerReply | null;
  readonly error: Error | null;
}

/** Never throws: what came before an error is looked at too. */
export async function ask(
  backend: RemoteBackend,
  request: AnswerRequest,
  onSample: (samples: readonly Sample[]) => void = () => undefined,
  signal = quiet.signal,
): Promise<Asked> {
  const samples: Sample[] = [];
  let greedy: Sample | null = null;
  const outcome = await backend
    .answer(request, {
      signal,
      onEvent: (event) => {
        if (event.type === 'greedy') greedy = event.sample;
        if (event.type !== 'samples') return;
        samples.push(...event.samples);
        onSample(samples);
      },
    })
    .then(
      (reply) => ({ reply, error: null }),
      (error: unknown) => ({ reply: null, error: error as Error }),
    );
  samples.sort((a, b) => a.index - b.index);
  return { samples, greedy: greedy as Sample | null, ...outcome };
}

export const indexes = (samples: readonly Sample[]): number[] => samples.map(({ index }) => index);
export const texts = (samples: readonly Sample[]): string[] => samples.map(({ text }) => text);
export const upTo = (k: number): number[] => Array.from({ length: k }, (_, index) => index);
