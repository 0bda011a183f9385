import { expect, test } from 'vitest';
import { imageAt, imagesInside, letterOf, placeImages, rectangleOf, sideOf } from './map-layout.ts';

const POINTS = Float32Array.from([-2, -1, 2, 1, 0, 0]);

test('one scale for both axes, centred, upwards is up', () => {
  const { centres } = placeImages(POINTS, 400, 300, 20);
  // 360 px for 4 units across, 260 for 2: 90 px a unit.
  expect([...centres]).toEqual([20, 240, 380, 60, 200, 150]);
});

test('images that all lie in one place stand in the middle', () => {
  expect([...placeImages(Float32Array.from([3, 3, 3, 3]), 200, 100, 10).centres]).toEqual([
    100, 50, 100, 50,
  ]);
});

test('a rectangle holds the images whose centre is in it, however it was drawn', () => {
  const places = placeImages(POINTS, 400, 300, 20);
  expect(imagesInside(places, rectangleOf(250, 200, 10, 250))).toEqual([0]);
  expect(imagesInside(places, rectangleOf(0, 0, 400, 300))).toEqual([0, 1, 2]);
  expect(imagesInside(places, rectangleOf(0, 0, 10, 10))).toEqual([]);
});

test('of images on one another the one on top is under the pointer', () => {
  const places = placeImages(Float32Array.from([0, 0, 0, 0]), 200, 100, 10);
  expect(imageAt(places, 104, 54, 10)).toBe(1);
  expect(imageAt(places, 106, 50, 10)).toBeNull();
});

test('many images are drawn smaller', () => {
  expect([sideOf(40), sideOf(400), sideOf(5000)]).toEqual([32, 21, 10]);
  expect([letterOf(0), letterOf(10)]).toEqual(['A', 'K']);
});
