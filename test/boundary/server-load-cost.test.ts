/**
 * What faults cost a long run: 2,000 items with 16 draws each against a server with the batch of a GPU,
 * without faults and with them. Minutes: `npm run test:long` asks for it.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OpenAiServer } from '../support/openai-server.ts';
import { servedRun, type ServedFigures } from '../support/server-load.ts';

const ITEMS = Number(process.env['SERVED_ITEMS'] ?? 0);
const K = 16;
const FAULT_EVERY = 50;
/** Requests that are answered as fast as one, and how fast that is. */
const BATCH = 16;
const LATENCY_MS = 800;
const LIMIT_MS = 1_800_000;
const MEGABYTE = 2 ** 20;

let server: OpenAiServer;
beforeAll(async () => {
  server = await OpenAiServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
});

const perSecond = ({ samples, seconds }: ServedFigures): number => samples / seconds;

async function measured(faultEvery: number): Promise<ServedFigures> {
  server.reset();
  server.latencyMs = (inFlight) => LATENCY_MS * Math.max(1, inFlight / BATCH);
  const settings = {
    concurrency: 'auto',
    retries: { attempts: 6, firstWaitMs: 500, longestWaitMs: 120_000 },
  } as const;
  const figures = await servedRun({ servers: [server], items: ITEMS, k: K, faultEvery, settings });
  const { records, samples, requests, faults, sentBeyond, seconds, heap } = figures;
  console.log(
    JSON.stringify({
      ...{ records, samples, requests, faults, sentBeyond, mostInFlight: server.mostInFlight },
      seconds: Math.round(seconds),
      samplesPerSecond: Math.round(10 * perSecond(figures)) / 10,
      heapMegabytes: heap.map((bytes) => Math.round((10 * bytes) / MEGABYTE) / 10),
    }),
  );
  expect(figures).toMatchObject({ records: ITEMS, samples: ITEMS * K, wrong: [] });
  expect(sentBeyond).toBeLessThanOrEqual(3 * faults);
  return figures;
}

// Skipped without SERVED_ITEMS: it takes minutes and wants a machine that is not busy.
test.skipIf(ITEMS === 0)(
  'faults at 2 % of the requests cost less than a tenth of the throughput',
  { timeout: LIMIT_MS },
  async () => {
    const plain = await measured(0);
    const faulty = await measured(FAULT_EVERY);
    const share = perSecond(faulty) / perSecond(plain);
    console.log(`With faults ${(100 * share).toFixed(1)} % of the throughput without.`);
    expect(share).toBeGreaterThanOrEqual(0.9);
    // What grows is the server's log and the list of what is finished.
    const [first = 0] = faulty.heap;
    expect((faulty.heap.at(-1) ?? 0) - first).toBeLessThan(ITEMS * 1_500);
  },
);
