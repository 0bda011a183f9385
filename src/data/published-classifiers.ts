/**
 * Test accuracy of image classifiers on MedMNIST v2, as its authors published it
 * (`published/medmnist-baselines.json`). A net that was trained to pick a class of its set is another task
 * than answering a question: these stand beside this lab's figures, never among them.
 */
import file from './published/medmnist-baselines.json';
import { isMultiLabel, MEDMNIST } from './medmnist.ts';

export interface PublishedClassifiers {
  readonly name: string;
  readonly modality: string;
  readonly classes: number;
  /** Accuracy is then a mean over findings, most of which are absent in most images. */
  readonly isMultiLabel: boolean;
  /** Accuracy on all test images at 28×28. */
  readonly resNet18: number;
  readonly resNet50: number;
}

type BaselineName = keyof typeof file.data;
const isBaseline = (name: string): name is BaselineName => Object.hasOwn(file.data, name);

/** In the order of `MEDMNIST`. */
export const PUBLISHED_CLASSIFIERS: readonly PublishedClassifiers[] = MEDMNIST.flatMap((set) => {
  if (!isBaseline(set.name)) return [];
  const row = file.data[set.name];
  return [
    {
      ...{ name: set.name, modality: set.modality, classes: set.labels.length },
      isMultiLabel: isMultiLabel(set),
      resNet18: row['ResNet-18 (28)'].ACC,
      resNet50: row['ResNet-50 (28)'].ACC,
    },
  ];
});

export const CLASSIFIERS_SOURCE = {
  name: 'MedMNIST v2, table 3',
  url: 'https://doi.org/10.1038/s41597-022-01721-8',
  place:
    'Yang et al., Scientific Data 10, 41 (2023); MedMNIST/medmnist.github.io at commit 74c5d44',
  license: 'CC BY 4.0',
} as const;
