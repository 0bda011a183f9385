import { describe, expect, test } from 'vitest';
import {
  batchServer,
  Simulation,
  steadyChance,
  strictServer,
  type Simulated,
} from '../../../test/support/simulated-server.ts';
import { AUTO_BOUNDS, AutoConcurrency } from './auto-concurrency.ts';

function started(bounds = {}) {
  const simulation = new Simulation();
  const control = new AutoConcurrency(simulation.clock, { ...AUTO_BOUNDS, ...bounds });
  return { simulation, control };
}

/** Requests per second while so many more are answered, and the limits on the way. */
function measured(
  { simulation, control }: ReturnType<typeof started>,
  server: Simulated,
  requests: number,
) {
  const limits: number[] = [];
  const from = { now: simulation.now, refusals: simulation.refusals };
  for (let one = 0; one < requests; one += 1) {
    simulation.run(control, server, 1);
    limits.push(control.limit);
  }
  const perSecond = (1000 * requests) / (simulation.now - from.now);
  return { perSecond, limits, refusals: simulation.refusals - from.refusals };
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;

describe('a server whose throughput stops rising', () => {
  test.each([1, 3, 8, 20, 64, 200])('at %i requests is kept busy, and not much more', (batch) => {
    const one = started();
    measured(one, batchServer(batch), 60 * batch + 200);
    const { perSecond, limits } = measured(one, batchServer(batch), 60 * batch + 200);
    expect(perSecond).toBeGreaterThan(0.9 * batch);
    expect(median(limits)).toBeGreaterThanOrEqual(0.85 * batch);
    expect(median(limits)).toBeLessThanOrEqual(Math.max(batch + 2, 1.7 * batch));
    expect(Math.max(...limits)).toBeLessThanOrEqual(256);
  });

  test('never goes beyond its bounds', () => {
    const one = started({ most: 10 });
    expect(Math.max(...measured(one, batchServer(500), 1000).limits)).toBe(10);
    const single = started({ most: 1 });
    expect(new Set(measured(single, batchServer(500), 300).limits)).toEqual(new Set([1]));
    expect(Math.max(...measured(started(), batchServer(5000), 9000).limits)).toBe(256);
  });

  test('is followed when it gets slower or faster', () => {
    const one = started();
    measured(one, batchServer(48), 2000);
    expect(one.control.limit).toBeGreaterThan(40);
    measured(one, batchServer(8), 4000);
    expect(median(measured(one, batchServer(8), 500).limits)).toBeLessThan(20);
    measured(one, batchServer(48), 6000);
    expect(median(measured(one, batchServer(48), 1000).limits)).toBeGreaterThan(40);
  });

  test('is not asked more because little is wanted', () => {
    const one = started();
    const { limits } = measured(one, { ...batchServer(100), wanted: 6 }, 2000);
    expect(Math.max(...limits)).toBeLessThanOrEqual(16);
  });
});

describe('a server that refuses', () => {
  test.each([1, 2, 5, 20, 100])('more than %i is asked nearly as many', (most) => {
    const one = started();
    measured(one, strictServer(most), 100 * most + 200);
    const { perSecond, limits, refusals } = measured(one, strictServer(most), 100 * most + 200);
    expect(perSecond).toBeGreaterThan(0.7 * most);
    expect(median(limits)).toBeLessThanOrEqual(most);
    expect(refusals).toBeLessThan(0.1 * (100 * most + 200));
  });

  test('the limit is halved at once, and only once for what was sent together', () => {
    const { simulation, control } = started({ start: 32 });
    const tickets = Array.from({ length: 32 }, () => control.started());
    simulation.now = 10;
    for (const ticket of tickets.slice(0, 20)) control.refused(ticket);
    expect(control.limit).toBe(16);
    expect(control.inFlight).toBe(12);
  });

  test('by chance, now and then, costs little', () => {
    const server = batchServer(24);
    const chance = steadyChance(11);
    const flaky: Simulated = {
      ...server,
      serve: (inFlight) =>
        chance() < 0.004 ? { ms: 5, ending: 'refused' } : server.serve(inFlight),
    };
    const one = started();
    measured(one, flaky, 1000);
    const { perSecond, refusals } = measured(one, flaky, 5000);
    expect(refusals).toBeGreaterThan(8);
    expect(perSecond).toBeGreaterThan(0.85 * 24);
  });
});

test('other failures say nothing of the load', () => {
  const server = batchServer(24);
  const chance = steadyChance(5);
  const flaky: Simulated = {
    ...server,
    serve: (inFlight) => (chance() < 0.05 ? { ms: 5, ending: 'failed' } : server.serve(inFlight)),
  };
  const one = started();
  measured(one, flaky, 1000);
  expect(measured(one, flaky, 3000).perSecond).toBeGreaterThan(0.9 * 24);
});
