import { beforeEach, describe, expect, test } from 'vitest';
import { setOf } from '../../test/support/evaluation-sets.ts';
import { fakeDecode, imageFile, jsonlFile, vqaLine } from '../../test/support/vqa-files.ts';
import type { Split } from '../core/types.ts';
import { SetDraft, type SetGallery } from './set-draft.svelte.ts';
import { VqaShelf } from './vqa-shelf.svelte.ts';

type Dataset = 'bloodmnist' | 'pathmnist';
const collection = (id: string, dataset: Dataset) => ({
  ...setOf(dataset),
  id,
  name: dataset,
  modality: 'microscope',
});

/** A gallery with two sets; a file brings one split of another one. */
class FakeGallery implements SetGallery {
  labelled = [collection('bloodmnist', 'bloodmnist'), collection('pathmnist', 'pathmnist')];
  opened: [string, Split | undefined][] = [];
  ambiguous = null;
  reading = null;
  notice = '';
  error = null;
  addFiles = (files: readonly File[], split?: Split): Promise<boolean> => {
    for (const { name } of files) {
      this.opened.push([name, split]);
      const id = `file/${name}/${split ?? ''}`;
      this.labelled = [...this.labelled, collection(id, 'bloodmnist')];
    }
    return Promise.resolve(false);
  };
  settle = (dataset: string): Promise<void> => {
    this.labelled = [...this.labelled, collection('file/settled', dataset as Dataset)];
    return Promise.resolve();
  };
  stopReading = (): void => undefined;
}

const file = (path: string) => ({ path, file: new File(['x'], path) });
const SLAKE = jsonlFile('slake.jsonl', vqaLine(0), vqaLine(1));
const IMAGES = ['images/0.png', 'images/1.png'].map(imageFile);
const SLAKE_ID = 'vqa/slake.jsonl/SLAKE';

let gallery: FakeGallery;
let vqa: VqaShelf;
let sets: SetDraft;
beforeEach(() => {
  gallery = new FakeGallery();
  vqa = new VqaShelf({ decodeImage: fakeDecode });
  sets = new SetDraft(gallery, vqa);
});
const chosen = () => sets.chosen.map(({ id }) => id);

describe('MedMNIST files', () => {
  test('a file’s set is chosen, in place of the same set of the page', async () => {
    await sets.addFiles([file('bloodmnist_64.npz'), file('notes.txt')]);
    expect(gallery.opened).toEqual([['bloodmnist_64.npz', 'test']]);
    expect(sets.notice).toContain('.npz');
    expect(chosen()).toEqual(['pathmnist', 'file/bloodmnist_64.npz/test']);
    sets.toggle('bloodmnist');
    expect(chosen()).toEqual(['bloodmnist', 'pathmnist']);
    await sets.settle('pathmnist');
    expect(chosen()).toEqual(['bloodmnist', 'file/settled']);
  });

  test('the same file with another split stands beside the first, and one of them is chosen', async () => {
    await sets.addFiles([file('bloodmnist.npz')]);
    sets.setSplit('val');
    await sets.addFiles([file('bloodmnist.npz')]);
    expect(gallery.opened.map(([, split]) => split)).toEqual(['test', 'val']);
    expect(sets.available).toHaveLength(4);
    expect(chosen()).toEqual(['pathmnist', 'file/bloodmnist.npz/val']);
    sets.toggle('file/bloodmnist.npz/test');
    expect(chosen()).toEqual(['pathmnist', 'file/bloodmnist.npz/test']);
  });
});

describe('medical VQA', () => {
  test('its sets join the others and are chosen once their images are there', async () => {
    await sets.addFiles([SLAKE]);
    expect(chosen()).toEqual(['bloodmnist', 'pathmnist']);
    expect(sets.asker).toBe('page');
    await sets.addFiles([...IMAGES, file('images/readme.md')]);
    expect(sets.notice).toBe('');
    expect(chosen()).toEqual(['bloodmnist', 'pathmnist', SLAKE_ID]);
    expect(sets.asker).toBe('both');
    sets.toggle('bloodmnist');
    sets.toggle('pathmnist');
    expect(sets.asker).toBe('file');
    sets.toggle(SLAKE_ID);
    expect(sets.problems).toMatchObject([{ field: 'sets' }]);
  });

  test('a file that was closed is chosen again when it is opened again', async () => {
    await sets.addFiles([SLAKE, ...IMAGES]);
    vqa.close();
    expect(chosen()).toEqual(['bloodmnist', 'pathmnist']);
    await sets.addFiles([SLAKE, ...IMAGES]);
    expect(chosen()).toEqual(['bloodmnist', 'pathmnist', SLAKE_ID]);
  });

  test('a set of a file takes the place of the same set of the page', async () => {
    const blood = jsonlFile('rl.jsonl', vqaLine(0, { dataset_name: 'bloodmnist' }));
    await sets.addFiles([blood, ...IMAGES]);
    expect(chosen()).toEqual(['pathmnist', 'vqa/rl.jsonl/bloodmnist']);
  });

  test('a broken rule is a problem of the sets that it grades only', async () => {
    await sets.addFiles([SLAKE, ...IMAGES]);
    vqa.setGrading('pattern');
    vqa.setPattern('(');
    expect(sets.problems).toMatchObject([{ field: 'grading' }]);
    sets.toggle(SLAKE_ID);
    expect(sets.problems).toEqual([]);
  });

  test('what is none of all this is refused, and told', async () => {
    await sets.addFiles([file('notes.txt')]);
    expect(sets.notice).toContain('.jsonl');
    expect(gallery.opened).toEqual([]);
    expect(vqa.error).toBeNull();
  });
});
