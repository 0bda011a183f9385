import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { parseExploreLink } from './explore-link.ts';
import { LessonDesk } from './lesson-desk.svelte.ts';
import { LessonPath } from './lesson-path.svelte.ts';
import { BUILT_IN_STOCK } from '../../test/support/lesson-stock.ts';
import { readWrittenLesson } from './written-lesson.ts';

const written = readFileSync(
  new URL('../../test/fixtures/lessons/by-hand.json', import.meta.url),
  'utf8',
);

function make(text = written) {
  const path = new LessonPath(null, null, () => 0);
  const asked: string[] = [];
  const opened: (string | null)[] = [];
  const kept: string[] = [];
  const desk = new LessonDesk(path, {
    pageUrl: 'https://lab.example/page/?present',
    fetchText: (url) => {
      asked.push(url.href);
      return Promise.resolve(text);
    },
    keep: (url) => kept.push(url.href),
    read: (content) => Promise.resolve(readWrittenLesson(content, BUILT_IN_STOCK)),
    onopen: (address) => opened.push(address),
  });
  return { path, desk, asked, opened, kept };
}

test('an address of this origin is asked at once, relative to the page', async () => {
  const { path, desk, asked, opened, kept } = make();
  await desk.openAddress('lessons/my.json');
  expect(asked).toEqual(['https://lab.example/page/lessons/my.json']);
  expect([path.source, path.steps.length]).toEqual(['address', 2]);
  expect(opened).toEqual(['lessons/my.json']);
  expect(kept).toEqual(asked);
});

test('another origin is named first, and asked only after a yes', async () => {
  const { path, desk, asked, kept } = make();
  await desk.openAddress('https://elsewhere.example/my.json');
  expect(desk.asked?.host).toBe('elsewhere.example');
  expect([asked, path.lesson]).toEqual([[], null]);
  desk.dismiss();
  await desk.confirm();
  expect(asked).toEqual([]);

  await desk.openAddress('//elsewhere.example/my.json');
  await desk.confirm();
  expect(asked).toEqual(['https://elsewhere.example/my.json']);
  expect(path.steps).toHaveLength(2);
  expect(kept).toEqual([]);
});

test('a broken lesson is not kept in the place of the one before', async () => {
  const { desk, asked, kept } = make('{');
  await desk.openAddress('lessons/my.json');
  expect([asked.length, kept, desk.problem?.title]).toEqual([
    1,
    [],
    'my.json: the lesson was not opened',
  ]);
});

test('an address that is none is refused', async () => {
  const { desk, asked } = make();
  await desk.openAddress('javascript:alert(1)');
  expect(desk.problem?.text).toContain('no address of a web page');
  expect(asked).toEqual([]);
});

test('a broken lesson leaves the one before, and names the line', async () => {
  const { path, desk } = make();
  await desk.openAddress('my.json');
  path.activate('step-2');
  await desk.openFile(new File([written.replace('"k": 8', '"k": "8"')], 'broken.json'));
  expect(desk.problem?.title).toContain('broken.json');
  expect(desk.problem?.text).toMatch(/^Step 1, line 11, column \d+: "k" must be a number/);
  expect(path.active?.step.id).toBe('step-2');
});

describe('its steps are addresses', () => {
  const { lesson } = readWrittenLesson(written, BUILT_IN_STOCK);
  const links = (lesson?.steps ?? []).map(({ address }) => parseExploreLink(address));

  test('one with a guess waits, the others run', () => {
    expect(links.map(({ run }) => run)).toEqual([false, true]);
  });
  test('with image, question, checkpoints and sampler', () => {
    expect(links[0]).toMatchObject({
      ...{ dataset: 'bloodmnist', index: 12, checkpoints: ['tiny-sft'], mode: 'direct' },
      ...{ nulls: false, question: null, kind: 'options' },
      sampler: { k: 8, topK: 5, temperature: 1, seed: 7 },
    });
    expect(links[1]?.question).toEqual({
      text: 'What does this chest X-ray show?',
      ...{ options: ['normal', 'pneumonia'], correctOptions: [1], referenceAnswer: null },
    });
  });
});
