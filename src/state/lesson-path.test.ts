import { expect, test } from 'vitest';
import family from '../../test/fixtures/lessons/family.json' with { type: 'json' };
import { parseLesson } from '../data/lessons.ts';
import { parseExploreLink } from './explore-link.ts';
import { LessonPath } from './lesson-path.svelte.ts';

function make(random: () => number = () => 0) {
  const { lesson, problem } = parseLesson(family, 'family.json');
  const path = new LessonPath(lesson, problem, random);
  const [broad, widens] = path.steps;
  if (!broad || !widens) throw new Error('The fixture has fewer than two steps.');
  return { path, broad, widens };
}

test('the example’s address carries the step, and everything else as it was', () => {
  const { path, widens } = make();
  const address = path.exampleAddress(widens);
  expect(address).toBe(`${widens.address}&lesson=sft-widens`);
  const link = parseExploreLink(address);
  expect(link.checkpoints).toEqual(widens.checkpoints);
  expect(link.run).toBe(true);
});

test('a random item comes from all that were examined, each as likely as the others', () => {
  const { broad } = make();
  const drawn = [0, 0.25, 0.5, 0.75, 0.999].map((value) => {
    const link = parseExploreLink(make(() => value).path.randomAddress(broad));
    expect(link).toMatchObject({ lesson: 'broad-base', run: true, checkpoints: ['tiny-base'] });
    return `${link.dataset ?? ''}/${String(link.index)}`;
  });
  const [a, b, c, d] = (broad.measured?.all ?? []).map(
    ({ dataset, index }) => `${dataset}/${String(index)}`,
  );
  expect(drawn).toEqual([a, b, c, d, d]);
});

test('previous and next, and leaving', () => {
  const { path } = make();
  expect(path.active).toBeNull();
  path.activate('broad-base');
  expect(path.active).toMatchObject({ number: 1, count: 4, previous: null });
  expect(path.active?.next?.id).toBe('sft-widens');
  path.activate('rl-without-support');
  expect(path.active).toMatchObject({ number: 4, next: null });
  path.activate('no-such-step');
  expect(path.active).toBeNull();
});

test('an item counts, does not, or was not examined', () => {
  const { path, broad } = make();
  const at = (index: number) => path.counted(broad, { dataset: 'bloodmnist', index });
  expect([at(12), at(41), at(1)]).toEqual(['holds', 'does-not-hold', 'not-examined']);
  expect(path.counted(broad, null)).toBe('not-examined');
});

test('without a file there is no path and no problem', () => {
  const path = new LessonPath(null, null, () => 0);
  path.activate('broad-base');
  expect([path.steps, path.active, path.problem]).toEqual([[], null, null]);
});
