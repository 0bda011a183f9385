/** A real backend with a real worker, for tests in Chromium. */

import type { AnswerBackend } from '../../src/backend/answer-backend.ts';
import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import { WorkerBackend } from '../../src/backend/worker-backend.ts';
import type { AnswerReply, AnswerRequest } from '../../src/protocol/vlm.ts';
import type { Sample } from '../../src/core/types.ts';

export const builtIn = {
  kind: 'folder',
  modelsUrl: new URL('/models/', location.href).href,
} as const;

export function makeWorker(name: string): Worker {
  return new Worker(new URL('../../workers/vlm.worker.ts', import.meta.url), {
    type: 'module',
    name,
  });
}

export function tinySftBackend(): WorkerBackend {
  const row = BUILT_IN_CHECKPOINTS.find(({ id }) => id === 'tiny-sft');
  if (!row) throw new Error('tiny-sft is not in the table.');
  return new WorkerBackend(row, builtIn, makeWorker);
}

export interface Answers {
  readonly greedy: Sample | null;
  readonly samples: readonly Sample[];
  readonly reply: AnswerReply;
}

/** Runs one request to its end and collects what it sent. */
export async function collect(
  backend: AnswerBackend,
  request: AnswerRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Answers> {
  const samples: Sample[] = [];
  let greedy: Sample | null = null;
  const reply = await backend.answer(request, {
    signal,
    onEvent: (event) => {
      if (event.type === 'samples') samples.push(...event.samples);
      if (event.type === 'greedy') greedy = event.sample;
    },
  });
  samples.sort((a, b) => a.index - b.index);
  return { greedy, samples, reply };
}
