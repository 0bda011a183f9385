import { expect, test } from 'vitest';
import { SAY_EVERY_MS, SlowWords } from './slow-words.ts';

/** A clock that a test moves. */
function clock() {
  let nowMs = 0;
  let due: { readonly atMs: number; readonly then: () => void } | null = null;
  return {
    waiting: {
      now: () => nowMs,
      after: (ms: number, then: () => void) => {
        due = { atMs: nowMs + ms, then };
        return () => {
          due = null;
        };
      },
    },
    pass(ms: number) {
      nowMs += ms;
      if (due === null || due.atMs > nowMs) return;
      const { then } = due;
      due = null;
      then();
    },
  };
}

function listener() {
  const said: string[] = [];
  const time = clock();
  return { said, time, words: new SlowWords((one) => said.push(one), time.waiting) };
}

test('of a thousand samples in eleven seconds four things are said, the last among them', () => {
  const { said, time, words } = listener();
  for (let at = 1; at <= 1000; at += 1) {
    words.offer(`${String(at)} of 1000`, 'running');
    time.pass(11);
  }
  time.pass(SAY_EVERY_MS);
  expect(said).toHaveLength(4);
  expect(said[0]).toBe('1 of 1000');
  expect(said.at(-1)).toBe('1000 of 1000');
});

test('another topic is said at once, in place of what waits', () => {
  const { said, time, words } = listener();
  words.offer('1 of 16', 'running');
  time.pass(10);
  words.offer('2 of 16', 'running');
  words.offer('Done', 'done');
  time.pass(2 * SAY_EVERY_MS);
  expect(said).toEqual(['1 of 16', 'Done']);
});

test('the same words are not said twice, and nothing after the end', () => {
  const { said, time, words } = listener();
  words.offer('Ready', 'idle');
  words.offer('Ready', 'idle');
  time.pass(SAY_EVERY_MS);
  words.offer('Ready', 'idle');
  words.offer('1 of 16', 'idle');
  time.pass(10);
  words.offer('2 of 16', 'idle');
  words.stop();
  time.pass(2 * SAY_EVERY_MS);
  expect(said).toEqual(['Ready', '1 of 16']);
});
