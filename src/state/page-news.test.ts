import { expect, test } from 'vitest';
import type { KeptPageEvents } from '../storage/kept-page.ts';
import { PageNews } from './page-news.svelte.ts';

/** A page whose service worker does what the test says. */
async function open({ threads = null as number | null } = {}) {
  const did: string[] = [];
  const state = { isBusy: false, isOtherBusy: false };
  let events: KeptPageEvents | null = null;
  const news = new PageNews({
    page: {
      start: (given) => {
        events = given;
        return Promise.resolve();
      },
      takeUpdate: () => {
        did.push('take');
        events?.onreplaced();
        return Promise.resolve();
      },
    },
    tabs: {
      mark: (isBusy) => did.push(isBusy ? 'busy' : 'idle'),
      whereNoneIs: async (work) => {
        if (state.isOtherBusy) return false;
        await work();
        return true;
      },
    },
    reload: () => did.push('reload'),
    isBusy: () => state.isBusy,
    threadsToGain: () => Promise.resolve(threads),
  });
  await news.start();
  if (!events) throw new Error('not started');
  return { news, did, state, events: events as KeptPageEvents };
}

test('says when the page is being kept, is kept, and when it is not', async () => {
  const { news, events } = await open();
  expect(news.keeping).toBe('none');
  events.onkeeping();
  expect(news.keeping).toBe('keeping');
  events.onkept();
  expect(news.keeping).toBe('kept');
  events.onfailed();
  expect(news.keeping).toBe('none');
});

test('a new version is told and nothing reloads until it is taken', async () => {
  const { news, did, events } = await open();
  events.onwaiting();
  expect(news.news).toBe('update');
  expect(did).toEqual([]);
  await news.take();
  expect(did).toEqual(['take', 'reload']);
  // It was this tab that asked for it.
  expect(news.news).toBe('update');
});

test('nothing is told or taken while something goes on here', async () => {
  const { news, did, state, events } = await open();
  events.onwaiting();
  state.isBusy = true;
  expect(news.news).toBeNull();
  await news.take();
  news.markBusy();
  expect(did).toEqual(['busy']);
  state.isBusy = false;
  expect(news.news).toBe('update');
});

test('a run in another tab holds it up, and it can be taken later', async () => {
  const { news, did, state, events } = await open();
  events.onwaiting();
  state.isOtherBusy = true;
  await news.take();
  expect(did).toEqual([]);
  expect(news.isHeldUp).toBe(true);
  state.isOtherBusy = false;
  await news.take();
  expect(did).toEqual(['take', 'reload']);
});

test('a version that another tab took is told; a reload is up to the person', async () => {
  const { news, did, events } = await open();
  events.onreplaced();
  expect(news.news).toBe('replaced');
  expect(did).toEqual([]);
  news.dismiss();
  expect(news.news).toBeNull();
  await news.take();
  expect(did).toEqual([]);
});

test('threads are offered where there are more to be had, and never instead of a version', async () => {
  const without = await open();
  without.events.onjoined();
  await Promise.resolve();
  expect(without.news.news).toBeNull();

  const { news, did, events } = await open({ threads: 3 });
  events.onjoined();
  await Promise.resolve();
  expect(news.news).toBe('threads');
  expect(news.threadsToGain).toBe(3);
  await news.take();
  expect(did).toEqual(['reload']);

  const both = await open({ threads: 3 });
  both.events.onwaiting();
  both.events.onjoined();
  await Promise.resolve();
  expect(both.news.news).toBe('update');
});
