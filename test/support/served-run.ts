/** A run of the scripted server as Explore would have sampled it, and as the text of its file. */

import { createHash } from 'node:crypto';
import { OriginGate } from '../../src/backend/remote/origin-gate.ts';
import { BLOOD_QUESTION, SAMPLER } from '../../src/core/record-fixture.ts';
import type { ItemRecord, PromptMode, RgbImage, SamplerSettings } from '../../src/core/types.ts';
import { LiveRecord, startRecord } from '../../src/evaluation/live-record.ts';
import { writeRunFile } from '../../src/storage/run-file.ts';
import type { ServerProfile } from './openai-profile.ts';
import type { OpenAiServer } from './openai-server.ts';
import { backendAt, quiet } from './remote-bench.ts';

const SIDE = 28;
const IMAGE: RgbImage = {
  width: SIDE,
  height: SIDE,
  data: Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => (at * 7) % 256),
};

export async function servedRecord(
  server: OpenAiServer,
  profile: Partial<ServerProfile>,
  promptMode: PromptMode,
  sampler: Partial<SamplerSettings> = {},
): Promise<ItemRecord> {
  server.reset(profile);
  const gate = new OriginGate();
  gate.add(server.address, null);
  const backend = backendAt(server.address, gate);
  const answerer = await backend.load('auto', quiet);
  const sha256 = createHash('sha256').update(IMAGE.data).digest('hex');
  const item = {
    image: IMAGE,
    source: {
      ...{ dataset: null, split: null, index: null, name: 'grey.png' },
      ...{ width: SIDE, height: SIDE, sha256 },
    },
    ...{ question: BLOOD_QUESTION, promptMode, hint: null, nulls: false },
    sampler: { ...SAMPLER, maxNewTokens: 16, ...sampler },
  };
  const live = new LiveRecord(startRecord(item, answerer, `run-${promptMode}`));
  const { promptText, itemId, answerDistributions: asked } = live.base;
  const reply = await backend.answer(
    {
      ...{ image: IMAGE, promptText, itemId, sampler: item.sampler, greedy: true, firstIndex: 0 },
      ...(asked && {
        answerDistributions: { question: item.question, branchFloor: asked.branchFloor },
      }),
    },
    {
      signal: quiet.signal,
      onEvent: (event) => {
        if (event.type === 'samples') live.addSamples(event.samples);
        else if (event.type === 'greedy') live.addGreedy(event.sample);
        else if (event.type === 'traces') live.addTraces(event.traces, event.missing);
      },
    },
  );
  return live.snapshot(reply.elapsedMs);
}

export const servedFile = (record: ItemRecord): string =>
  writeRunFile(
    { runId: record.runId, createdAt: '2026-11-26T00:00:00.000Z', app: { version: '0.0.0' } },
    [{ record, image: IMAGE }],
  );
