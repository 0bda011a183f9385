import { expect, test } from 'vitest';
import family from '../../../test/fixtures/lessons/family.json' with { type: 'json' };
import { parseLesson } from '../../data/lessons.ts';
import { LessonPath } from '../../state/lesson-path.svelte.ts';
import { lessonTurn, turnOf } from './lesson-keys.ts';

const press = (key: string, more: object = {}) =>
  turnOf({ key, target: null, defaultPrevented: false, ...more } as KeyboardEvent);

test('arrows, what clickers send, and Space', () => {
  expect(['ArrowRight', 'PageDown', ' '].map((key) => press(key))).toEqual(Array(3).fill('next'));
  expect(['ArrowLeft', 'PageUp'].map((key) => press(key))).toEqual(Array(2).fill('previous'));
  expect(['ArrowDown', 'Enter', 'a'].map((key) => press(key))).toEqual(Array(3).fill(null));
  expect(press('ArrowRight', { altKey: true })).toBeNull();
  expect(press('ArrowRight', { defaultPrevented: true })).toBeNull();
});

test('next begins the lesson, lets the answers come first, and ends with it', () => {
  const path = new LessonPath(parseLesson(family, 'family.json').lesson, null, () => 0);
  const idOf = (step: ReturnType<typeof lessonTurn>) =>
    typeof step === 'object' ? (step?.id ?? null) : step;
  expect(idOf(lessonTurn('next', path, false))).toBe('broad-base');
  expect(idOf(lessonTurn('previous', path, false))).toBeNull();
  path.activate('sft-widens');
  expect(idOf(lessonTurn('next', path, true))).toBe('run');
  expect(idOf(lessonTurn('next', path, false))).toBe('rl-sharpens');
  expect(idOf(lessonTurn('previous', path, true))).toBe('broad-base');
  path.activate('rl-without-support');
  expect(idOf(lessonTurn('next', path, false))).toBeNull();
});
