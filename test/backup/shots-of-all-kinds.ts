import { NOON, type World } from './world.ts';

/** Of every kind of shot that a card can hold, one at least. */
export const SHOTS: readonly (readonly string[])[] = [
  ['DCIM/100CANON/IMG_0001.JPG'],
  ['CR3', 'JPG', 'xmp', 'CR3.xmp', 'WAV'].map((tail) => `DCIM/100CANON/IMG_0002.${tail}`),
  ['0003.HEIC', '0003.MOV', '0003.AAE', 'E0003.HEIC', 'E0003.MOV', 'O0003.AAE'].map(
    (name) => `DCIM/101APPLE/IMG_${name}`,
  ),
  ...[1, 2, 3].map((n) =>
    [`GX0${n}0007.MP4`, `GX0${n}0007.THM`, `GL0${n}0007.LRV`].map((name) => `DCIM/102GOPRO/${name}`),
  ),
  ['DCIM/103GOPRO/GOPR0008.MP4', 'DCIM/103GOPRO/GOPR0008.THM'],
  ['DCIM/103GOPRO/GP010008.MP4'],
  [
    'VID_20261121_100000_00_009.insv',
    'VID_20261121_100000_10_009.insv',
    'LRV_20261121_100000_11_009.insv',
  ].map((name) => `DCIM/Camera01/${name}`),
  ['DJI_0010.MP4', 'DJI_0010.LRF', 'DJI_0010.SRT'].map((name) => `DCIM/104MEDIA/${name}`),
  ['MISC/AUTPRINT.MRK'],
];

export const CARD = SHOTS.flat();

/** Each file has another content, time and, within its kind, size. */
export async function fill(box: World, paths: readonly string[] = CARD): Promise<void> {
  for (const [at, path] of CARD.entries()) {
    if (!paths.includes(path)) continue;
    await box.put(path, `${path} ${'x'.repeat(at * 7)}`, NOON + Math.floor(at / 3) * 120_000);
  }
}

export const LAYOUTS = {
  dated: { layout: 'dated', template: '' },
  mirror: { layout: 'mirror', template: '' },
  numbered: { layout: 'numbered', template: '' },
  'custom with {seq}': { layout: 'custom', template: '{date}/{camera}_{seq}.{ext}' },
  'custom with {seq} and {name}': { layout: 'custom', template: '{card}/{seq}-{name}.{ext}' },
  'custom without': { layout: 'custom', template: '{card}/{date}/{camera}-{name}.{ext}' },
} as const;
