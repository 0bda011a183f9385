/** A run of the scripted server as Explore would have sampled it, and as the text of its file. */

import { createHash } from 'node:crypto';
import { OriginGate } from '../../src/backend/remote/origin-gate.ts';
import { BRANCH_FLOOR } from '../../src/core/rao-blackwell.ts';
import { recordOf, SAMPLER } from '../../src/core/record-fixture.ts';
import type {
  AnswerDistributions,
  ItemRecord,
  PromptMode,
  RgbImage,
  Sample,
  SamplerSettings,
} from '../../src/core/types.ts';
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
  const base = recordOf([], {
    ...{ runId: `run-${promptMode}`, itemId: `sha256/${sha256}`, answerer, promptMode },
    image: {
      ...{ dataset: null, split: null, index: null, name: 'grey.png' },
      ...{ width: SIDE, height: SIDE, sha256 },
    },
    // As much of the prompt as the toy minds.
    promptText: promptMode === 'direct' ? 'Which cell is this?' : 'Think inside <think></think>.',
    sampler: { ...SAMPLER, maxNewTokens: 16, ...sampler },
  });
  const samples: Sample[] = [];
  let greedy: Sample | null = null;
  const distributions: AnswerDistributions[] = [];
  const { promptText, itemId, question } = base;
  const reply = await backend.answer(
    {
      ...{ image: IMAGE, promptText, itemId, sampler: base.sampler, greedy: true, firstIndex: 0 },
      ...(promptMode !== 'direct' && {
        answerDistributions: { question, branchFloor: BRANCH_FLOOR },
      }),
    },
    {
      signal: quiet.signal,
      onEvent: (event) => {
        if (event.type === 'samples') samples.push(...event.samples);
        if (event.type === 'greedy') greedy = event.sample;
        if (event.type !== 'traces') return;
        const { traces, missing } = event;
        distributions.push({ branchFloor: BRANCH_FLOOR, traces, ...(missing && { missing }) });
      },
    },
  );
  const [known] = distributions;
  return {
    ...base,
    samples: samples.toSorted((one, other) => one.index - other.index),
    greedy: greedy as Sample | null,
    elapsedMs: reply.elapsedMs,
    ...(known && { answerDistributions: known }),
  };
}

export const servedFile = (record: ItemRecord): string =>
  writeRunFile(
    { runId: record.runId, createdAt: '2026-11-26T00:00:00.000Z', app: { version: '0.0.0' } },
    [{ record, image: IMAGE }],
  );
