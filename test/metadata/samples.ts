import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Capture } from '../../machines/media.ts';
import type { MediaFile } from '../../services/media-ports.ts';

const CARDS = join(import.meta.dirname, '../cards');
const BEGINNINGS = join(import.meta.dirname, 'beginnings');
const NIKON = join(CARDS, 'NIKON/DCIM/100ND750');
const SONY = join(CARDS, 'SD32GB-03/DCIM/100MSDCF');
const BROKEN = join(CARDS, 'BROKEN/DCIM/100BROKE');

export interface Sample {
  readonly file: MediaFile;
  readonly capture: Capture;
}

const sample = (folder: string, name: string, capture: Capture): Sample => ({
  file: { path: join(folder, name), name },
  capture,
});

const nikon = { make: 'NIKON CORPORATION', model: 'NIKON D70s' };

/** Of cameras that write plain Exif; the first camera has its clock at zero. */
export const EXIF_SAMPLES: readonly Sample[] = [
  sample(NIKON, 'DSC_0010.JPG', { make: 'NIKON', model: 'E885' }),
  sample(NIKON, 'DSC_0009.JPG', { at: '2004-06-29T15:29:33', make: 'NIKON', model: 'E775' }),
  sample(NIKON, 'DSC_0011.NEF', { at: '2010-03-01T21:51:01.80', ...nikon }),
  sample(NIKON, 'DSC_0012.NEF', { at: '2010-03-01T21:50:40.10', ...nikon }),
  sample(SONY, 'DSC00007.JPG', { at: '2003-07-07T15:44:28', make: 'SONY', model: 'DSC-P52' }),
  sample(SONY, 'DSC00008.JPG', { at: '2002-12-14T10:31:31', make: 'SONY', model: 'DCR-PC120E' }),
  sample(SONY, 'DSC00009.JPG', { at: '2000-08-01T10:21:46', make: 'SONY', model: 'MAVICA' }),
  sample(SONY, 'DSC00010.JPG', { at: '2002-01-20T05:27:07', make: 'SONY', model: 'DCR-PC110E' }),
  sample(BEGINNINGS, 'EOS5D3.JPG', {
    at: '2016-01-12T15:33:28.00',
    make: 'Canon',
    model: 'Canon EOS 5D Mark III',
    serial: '072024000973',
  }),
  sample(BEGINNINGS, 'EOS1D3.JPG', {
    at: '2008-09-20T09:01:07.09',
    make: 'Canon',
    model: 'Canon EOS-1D Mark III',
  }),
  sample(BEGINNINGS, 'E5823.JPG', { at: '2016-05-30T14:20:55.616284', make: 'Sony', model: 'E5823' }),
  sample(BEGINNINGS, 'IPHONE6.JPG', {
    at: '2014-09-16T14:05:12.133',
    make: 'Apple',
    model: 'iPhone 6',
    gps: { latitude: 51.762408, longitude: -0.317892 },
  }),
  sample(BEGINNINGS, 'D70S.JPG', {
    at: '2005-12-14T14:39:47',
    ...nikon,
    serial: '-1000f46',
    gps: { latitude: 43.785594, longitude: 11.234619 },
  }),
];

/** What exifr is not asked for. */
export const OTHER_SAMPLES: readonly Sample[] = [
  sample(BEGINNINGS, 'IPHONE11.HEIC', {
    at: '2020-05-04T18:44:06.273',
    zone: '-04:00',
    make: 'Apple',
    model: 'iPhone 11 Pro',
  }),
  sample(BEGINNINGS, 'IPHONEXR.HEIC', {
    at: '2019-08-21T11:21:36.245',
    make: 'Apple',
    model: 'iPhone XR',
    gps: { latitude: 38.699539, longitude: -9.207747 },
  }),
  sample(BEGINNINGS, 'GX000004.MP4', {
    at: '2020-11-20T15:04:02',
    zone: '+01:00',
    gps: { latitude: 52.36929, longitude: 6.67609 },
  }),
];

export const brokenFiles = (name: (file: string) => string): readonly MediaFile[] =>
  readdirSync(BROKEN).map((each) => ({ path: join(BROKEN, each), name: name(basename(each)) }));
