import fc from 'fast-check';

/** Names that clash by case, by Unicode form, by their numbers; names of other systems; one of imagetank's own. */
const FOLDERS = ['', 'DCIM/100/', 'DCIM/101/', 'dcim/100/', 'PRIVATE/AVCHD/BDMV/', 'a b/é/'];
const STEMS = [
  'IMG_1',
  'img_1',
  'IMG_1_2',
  'IMG_2',
  'café',
  'cafe\u0301',
  '.hidden',
  'x:y',
  'n\nl',
  'ascmhl',
];
const ENDS = ['.JPG', '.jpg', '.CR2', '.CR2.xmp', '.xmp', '.MOV', '.txt', '', '.'];

const file = fc.record({
  folder: fc.constantFrom(...FOLDERS),
  stem: fc.constantFrom(...STEMS),
  end: fc.constantFrom(...ENDS),
  content: fc.constantFrom('', 'a', 'b', 'cc', 'dd', 'day:2020-01-01', 'day:2020-01-02', 'day:2020-01-03 x'),
  hour: fc.integer({ min: -40, max: 40 }),
});
export type TreeFile = typeof file extends fc.Arbitrary<infer Value> ? Value : never;

/** The files of a card; of two with one path the last one stands. */
export const tree = fc.array(file, { maxLength: 8 });
