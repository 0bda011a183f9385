import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { FakeStorage } from '../../test/support/model-shelf.ts';
import { parseExploreLink } from './explore-link.ts';
import { LessonDesk } from './lesson-desk.svelte.ts';
import { LessonTab } from './lesson-tab.ts';
import { LessonPath } from './lesson-path.svelte.ts';
import { BUILT_IN_STOCK } from '../../test/support/lesson-stock.ts';
import { readWrittenLesson } from './written-lesson.ts';

const written = readFileSync(
  new URL('../../test/fixtures/lessons/by-hand.json', import.meta.url),
  'utf8',
);

function make(text = written, storage = new FakeStorage()) {
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
    tab: new LessonTab(storage),
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

describe('a file, when the tab is loaded again,', () => {
  const file = new File([written], 'my.json');

  async function reloaded(storage: FakeStorage) {
    const { path, desk, opened } = make('', storage);
    await desk.reopenFile();
    return { path, desk, opened };
  }

  test('is open as before', async () => {
    const storage = new FakeStorage();
    await make('', storage).desk.openFile(file);
    const { path, opened } = await reloaded(storage);
    expect([path.source, path.steps.length, opened]).toEqual(['file', 2, [null]]);
  });

  test('is gone once it was closed, or another lesson took its place', async () => {
    const closed = new FakeStorage();
    const { desk } = make('', closed);
    await desk.openFile(file);
    desk.close();
    expect((await reloaded(closed)).path.source).toBe('bundled');

    const replaced = new FakeStorage();
    const other = make(written, replaced);
    await other.desk.openFile(file);
    await other.desk.openAddress('my.json');
    expect((await reloaded(replaced)).path.source).toBe('bundled');
  });

  test('says why it cannot be opened, until that is put away', async () => {
    const storage = new FakeStorage();
    new LessonTab(storage).write({ name: 'my.json', text: '{' });
    const { desk, path } = await reloaded(storage);
    expect([path.source, desk.problem?.title]).toEqual([
      'bundled',
      'my.json: the lesson was not opened',
    ]);
    desk.dismiss();
    expect(new LessonTab(storage).read()).toBeNull();
  });

  test('is open as before where a broken one was refused and put away meanwhile', async () => {
    const storage = new FakeStorage();
    const { desk } = make('', storage);
    await desk.openFile(file);
    await desk.openFile(new File(['{'], 'broken.json'));
    desk.dismiss();
    expect((await reloaded(storage)).path.steps).toHaveLength(2);
  });
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
