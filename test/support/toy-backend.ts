/** A backend with the real sampler on the toy model that thinks: answers of a run, without a worker. */

import type { BackendCalls } from '../../src/backend/answer-backend.ts';
import type { AnswerEvent, AnswerReply, AnswerRequest } from '../../src/protocol/vlm.ts';
import { GREEDY_INDEX, sampleTree } from '../../workers/vlm/sampler.ts';
import { FakeBackend } from './fake-backend.ts';
import { answerEngine } from './toy-answers.ts';

export class ToyBackend extends FakeBackend {
  override async answer(
    request: AnswerRequest,
    { onEvent }: BackendCalls<AnswerEvent>,
  ): Promise<AnswerReply> {
    this.requests.push(request);
    const engine = answerEngine();
    const cost = await sampleTree(engine, await engine.prefill(), request, {
      maxRows: 1000,
      onStep: () => Promise.resolve(),
      onSample: (sample) => {
        if (sample.index !== GREEDY_INDEX) onEvent({ type: 'samples', samples: [sample] });
        else onEvent({ type: 'greedy', sample: { ...sample, index: 0 } });
      },
      onTrace: (trace) => {
        onEvent({ type: 'traces', traces: [trace] });
      },
    });
    return {
      completed: true,
      promptTokens: 1,
      ...cost,
      rowsLimit: 1000,
      inWaves: false,
      elapsedMs: 5,
      firstTokens: [],
    };
  }
}
