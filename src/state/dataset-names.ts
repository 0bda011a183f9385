/** Data sets as people know them. */

import { isDatasetId, medmnistSet } from '../data/medmnist.ts';

/** `BloodMNIST` of `bloodmnist`; any other name as it is. */
export function datasetName(dataset: string): string {
  return isDatasetId(dataset) ? medmnistSet(dataset).name : dataset;
}

/** What kind of image is in it; `''` where that is not known. */
export function datasetModality(dataset: string): string {
  return isDatasetId(dataset) ? medmnistSet(dataset).modality : '';
}

/** Names of its classes, by class index; empty for a set that has none. */
export function datasetLabels(dataset: string): readonly string[] {
  return isDatasetId(dataset) ? medmnistSet(dataset).labels : [];
}

/** A MedMNIST set: one question about all of its images, from their classes. */
export function isPublishedSet(dataset: string): boolean {
  return isDatasetId(dataset);
}

/** How many test images its published file holds; `null` for any other set. */
export function datasetTestCount(dataset: string): number | null {
  return isDatasetId(dataset) ? medmnistSet(dataset).splitCounts.test : null;
}
