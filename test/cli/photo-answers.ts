import type {
  Chapter,
  Explanation,
  GroupLine,
  Life,
  PhotoDetail,
  PhotoLine,
} from '../../services/library/shapes.ts';

const DRIVE = { id: 'd-1', label: 'PDRIVE128GB' };
const CARD = { id: '3A4F-1B2C+31914983424', label: 'SD32GB-03' };
const TO = 'Photos/2026/2026-11-21/IMG_0001.JPG';

export const PHOTO: PhotoLine = {
  id: '0123456789abcdef-4900000',
  name: 'IMG_0001.JPG',
  xxh64: '0123456789abcdef',
  sizeBytes: 4_900_000,
  day: '2026-11-21',
  dayFrom: 'capture',
  takenAt: '2026-11-21T14:03:59.120',
  zone: '+01:00',
  camera: 'Canon EOS R5',
  cards: [CARD],
  backups: ['20261121-57'],
  copies: [{ drive: DRIVE, path: TO, verified: true, state: 'verified', verifiedFrom: 'medium' }],
  verifiedCopies: 1,
};

export const GROUP: GroupLine = {
  by: 'day',
  key: '2026-11-21',
  label: '2026-11-21',
  photos: 214,
  bytes: 5.1e9,
  fewestCopies: 1,
  photosWithFewest: 12,
};

const told = (seq: number, at: string) => ({ seq, at, clock: 'synced' }) as const;
const DONE = { id: '20261121-57', outcome: 'done' } as const;
const settled = {
  backup: DONE,
  card: CARD,
  path: 'DCIM/100CANON/IMG_0001.JPG',
  drive: DRIVE,
  to: TO,
  verifiedFrom: 'medium',
  modifiedAt: '2026-11-21T14:03:58.000Z',
  secondReading: null,
  notes: [] as string[],
} as const;

/** One of each kind. */
export const CHAPTERS: Chapter[] = [
  {
    what: 'copied',
    ...told(7, '2026-11-21T15:00:00.000Z'),
    ...settled,
    secondReading: 'medium',
    notes: ['IMG_0001.JPG is blank'],
  },
  {
    what: 'sealed',
    ...told(9, '2026-11-21T15:01:00.000Z'),
    drive: DRIVE,
    to: TO,
    manifest: 'Photos/ascmhl/0001_x.mhl',
  },
  {
    what: 'found',
    ...told(20, '2026-11-22T10:00:00.000Z'),
    ...settled,
    times: 3,
    lastAt: '2026-11-24T10:00:00.000Z',
  },
  { what: 'reread', ...told(30, '2026-11-25T10:00:00.000Z'), drive: DRIVE, to: TO },
  {
    what: 'lost',
    ...told(40, '2026-11-26T10:00:00.000Z'),
    drive: DRIVE,
    to: TO,
    why: 'altered',
    backup: null,
  },
  {
    what: 'claimed',
    ...told(41, '2026-11-26T11:00:00.000Z'),
    clock: 'unsynced',
    drive: DRIVE,
    to: 'Photos/old.JPG',
  },
  { what: 'forgotten', ...told(50, '2026-11-27T10:00:00.000Z'), drive: DRIVE },
];

export const LIFE: Life = {
  ...PHOTO,
  capture: {
    at: '2026-11-21T14:03:59.12',
    zone: '+01:00',
    serial: '042',
    gps: { latitude: 46.5, longitude: 7.9 },
  },
  chapters: CHAPTERS,
  omitted: 0,
};

export const EXPLANATION: Explanation = {
  name: 'IMG_0001.JPG',
  lives: [LIFE],
  more: 0,
  failures: [
    {
      ...told(60, '2026-11-28T10:00:00.000Z'),
      backup: { id: '20261128-60', outcome: 'failed' },
      card: CARD,
      path: 'DCIM/101CANON/IMG_0001.JPG',
      drive: DRIVE,
      reason: 'card-unreadable',
      detail: 'EIO',
      salvagedTo: null,
    },
  ],
};

export const PHOTO_DETAIL: PhotoDetail = {
  ...PHOTO,
  capture: { at: '2026-11-21T14:03:59.12', zone: '+01:00', make: 'Canon', model: 'Canon EOS R5' },
  kind: 'photo',
  mediaType: 'image/jpeg',
};
