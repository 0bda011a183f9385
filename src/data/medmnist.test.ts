import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DATASET_IDS, MEDMNIST, findMedmnistSet, isDatasetId, isMultiLabel } from './medmnist.ts';

describe('the MedMNIST table', () => {
  it('has the twelve sets with as many labels as MedMNIST gives them', () => {
    const counts = Object.fromEntries(MEDMNIST.map((set) => [set.id, set.labels.length]));
    expect(counts).toEqual({
      pathmnist: 9,
      chestmnist: 14,
      dermamnist: 7,
      octmnist: 4,
      pneumoniamnist: 2,
      retinamnist: 5,
      breastmnist: 2,
      bloodmnist: 8,
      tissuemnist: 8,
      organamnist: 11,
      organcmnist: 11,
      organsmnist: 11,
    });
    for (const set of MEDMNIST) expect(set.officialLabels).toHaveLength(set.labels.length);
  });

  it('has test splits of twelve different sizes, so that a file can be told by its counts', () => {
    expect(new Set(MEDMNIST.map((set) => set.splitCounts.test)).size).toBe(12);
  });

  it('keeps all that the JSON file says', () => {
    const json: unknown = JSON.parse(
      readFileSync(new URL('medmnist.json', import.meta.url), 'utf8'),
    );
    const back = MEDMNIST.map((set) => [
      set.id,
      {
        name: set.name,
        modality: set.modality,
        task: set.task,
        channels: set.channels,
        labels: set.labels,
        officialLabels: set.officialLabels,
        question: set.questionText,
        samples: set.splitCounts,
        license: set.license,
        files: Object.fromEntries(Object.entries(set.md5).map(([side, md5]) => [side, { md5 }])),
      },
    ]);
    expect(Object.fromEntries(back)).toEqual(json);
  });

  it('marks chest as the only multi-label set and derma as the only non-commercial one', () => {
    expect(MEDMNIST.filter(isMultiLabel).map((set) => set.id)).toEqual(['chestmnist']);
    expect(MEDMNIST.filter((set) => set.license !== 'CC BY 4.0').map((set) => set.id)).toEqual([
      'dermamnist',
    ]);
  });

  it('knows its own ids and no inherited property', () => {
    expect(DATASET_IDS.every(isDatasetId)).toBe(true);
    expect(isDatasetId('toString')).toBe(false);
    expect(findMedmnistSet('mnist')).toBeNull();
  });
});
