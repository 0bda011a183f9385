import { expect, test } from 'vitest';
import { formatExploreLink, parseExploreLink } from './explore-link.ts';
import { DEFAULT_SAMPLER } from './sampler-draft.svelte.ts';

const DOCUMENTED =
  '#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-sft&k=16&t=1&p=1&seed=7&mode=think&run=1';

test('the documented address is read', () => {
  expect(parseExploreLink(DOCUMENTED)).toEqual({
    dataset: 'bloodmnist',
    index: 12,
    ownImage: false,
    checkpoints: ['tiny-sft'],
    sampler: { k: 16, temperature: 1, topP: 1, seed: 7 },
    mode: 'think',
    hint: '',
    kind: 'options',
    question: null,
    device: 'auto',
    nulls: true,
    run: true,
    lesson: null,
  });
});

test('several checkpoints and a lesson’s step survive the round trip, commas as they are', () => {
  const address = DOCUMENTED.replace('tiny-sft', 'tiny-base,tiny-sft,tiny-rl').replace(
    '&run=1',
    '&lesson=sft-widens',
  );
  const link = parseExploreLink(address);
  expect(link.checkpoints).toEqual(['tiny-base', 'tiny-sft', 'tiny-rl']);
  expect(link.lesson).toBe('sft-widens');
  expect(formatExploreLink(link, DEFAULT_SAMPLER)).toBe(address);
});

test('an address without an image says that it was made on an own one', () => {
  const link = { ...parseExploreLink(DOCUMENTED), dataset: null, index: null, ownImage: true };
  const address = formatExploreLink(link, DEFAULT_SAMPLER);
  expect(address).toContain('#/explore?image=own&checkpoint=');
  expect(parseExploreLink(address).ownImage).toBe(true);
  expect(parseExploreLink(DOCUMENTED).ownImage).toBe(false);
});

test('empty and repeated parts of the list are left out; a comma in a hint stays one', () => {
  const link = parseExploreLink('#/explore?checkpoint=,a,,b,a&mode=hinted&hint=x%2C y%252C');
  expect(link.checkpoints).toEqual(['a', 'b']);
  expect(parseExploreLink(formatExploreLink(link, DEFAULT_SAMPLER)).hint).toBe('x, y%2C');
});

test('an address survives the round trip, without run', () => {
  const link = parseExploreLink(DOCUMENTED);
  expect(formatExploreLink(link, DEFAULT_SAMPLER)).toBe(DOCUMENTED.replace('&run=1', ''));
});

test.each(['yes-no', 'not', 'free-form'] as const)(
  'the kind %s survives the round trip',
  (kind) => {
    const address = formatExploreLink({ ...parseExploreLink(DOCUMENTED), kind }, DEFAULT_SAMPLER);
    expect(address).toContain(`&kind=${kind}`);
    expect(parseExploreLink(address).kind).toBe(kind);
  },
);

test('nulls are on unless the address switches them off', () => {
  const off = parseExploreLink(`${DOCUMENTED}&nulls=0`);
  expect(off.nulls).toBe(false);
  expect(parseExploreLink(`${DOCUMENTED}&nulls=1`).nulls).toBe(true);
  const address = formatExploreLink(off, DEFAULT_SAMPLER);
  expect(address).toContain('&nulls=0');
  expect(parseExploreLink(address).nulls).toBe(false);
});

test('the kind that is usual is not written, and an unknown one is the usual', () => {
  const link = parseExploreLink(`${DOCUMENTED}&kind=maybe`);
  expect(link.kind).toBe('options');
  expect(formatExploreLink(link, DEFAULT_SAMPLER)).not.toContain('kind=');
});

test('a question by hand survives the round trip', () => {
  const question = {
    text: 'Which & what?',
    options: ['a=1', 'b, "c"'],
    correctOptions: [1],
    referenceAnswer: null,
  };
  const link = {
    ...parseExploreLink(DOCUMENTED),
    question,
    mode: 'hinted',
    hint: 'x & y',
  } as const;
  const read = parseExploreLink(formatExploreLink(link, DEFAULT_SAMPLER));
  expect(read.question).toEqual(question);
  expect(read.hint).toBe('x & y');
});

test.each(['', '#', '#/evaluate?k=3', '#/explore', '#/explore?k=abc&t=&index=x&mode=loud'])(
  'nothing is invented from %j',
  (hash) => {
    const link = parseExploreLink(hash);
    expect(link.sampler).toEqual({});
    expect(link.index).toBeNull();
    expect(link.mode).toBe('think');
    expect(link.run).toBe(false);
  },
);
