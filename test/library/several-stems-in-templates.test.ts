import { expect, test } from 'vitest';
import { namingOf } from '../../services/library/naming.ts';
import { shotOf } from '../../services/library/shot.ts';
import { group, shelving } from './shelving.ts';

const SHOT = shotOf(null, Date.UTC(2026, 10, 21, 14, 3, 59));
const EDITED = ['IMG_0001.HEIC', 'IMG_E0001.HEIC', 'IMG_0001.AAE', 'IMG_O0001.AAE'];

test('only the leader’s stem goes where names come from a counter', () => {
  expect(namingOf(group(...EDITED), shelving({ layout: 'numbered' }), SHOT).names(1)).toEqual([
    'pimg_000001.heic',
    'pimg_000001-img_e0001.heic',
    'pimg_000001.aae',
    'pimg_000001-img_o0001.aae',
  ]);
});

test('a template keeps the case of the card, and one with names has them anyway', () => {
  const custom = (template: string) => shelving({ layout: 'custom', template });
  expect(namingOf(group(...EDITED), custom('{date}/{time}_{seq}.{ext}'), SHOT).names(2)).toEqual([
    '140359_000002.HEIC',
    '140359_000002-IMG_E0001.HEIC',
    '140359_000002.AAE',
    '140359_000002-IMG_O0001.AAE',
  ]);
  expect(namingOf(group(...EDITED), custom('{date}/{name}.{ext}'), SHOT).names(1)).toEqual(EDITED);
});

test('stems that differ by case alone are one', () => {
  const names = namingOf(group('IMG_0001.JPG', 'img_0001.xmp'), shelving({ layout: 'numbered' }), SHOT).names(
    1,
  );
  expect(names).toEqual(['pimg_000001.jpg', 'pimg_000001.xmp']);
});
