import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../machines/facts.ts';
import { driveId } from '../../machines/ids.ts';
import { classify, type DeviceSettings, isNamed } from '../../services/devices/classify.ts';
import { DriveBook } from '../../services/devices/drive-book.ts';
import type { Look, MountedVolume } from '../../services/devices/ports.ts';
import { adopted } from './journal.ts';
import { identity, SETTINGS, volume } from './memory.ts';

const PLAIN: Look = { identity: null, cameraFolders: false, writable: true };
const CAMERA: Look = { ...PLAIN, cameraFolders: true };

interface Case {
  readonly says: string;
  readonly volume?: Partial<MountedVolume>;
  readonly look?: Partial<Look>;
  readonly settings?: Partial<DeviceSettings>;
  readonly journal?: readonly Fact[];
  readonly is: string;
}

const OURS = { identity: identity('d1', 'uuid-V') };
const FORGOTTEN: Fact = { type: 'DriveForgotten', driveId: driveId('d1') };

const CASES: readonly Case[] = [
  { says: 'camera folders start by themselves', look: CAMERA, is: 'card auto' },
  { says: 'no camera folders wait for a person', is: 'card manual' },
  { says: 'auto any starts everything', settings: { auto: 'any' }, is: 'card auto' },
  { says: 'auto off starts nothing', look: CAMERA, settings: { auto: 'off' }, is: 'card manual' },
  { says: 'auto known, unknown', look: CAMERA, settings: { auto: 'known', cards: ['W'] }, is: 'card manual' },
  { says: 'auto known, by label', settings: { auto: 'known', cards: ['V'] }, is: 'card auto' },
  { says: 'auto known, by UUID', settings: { auto: 'known', cards: ['UUID-v'] }, is: 'card auto' },
  { says: 'known cards matter with auto known only', settings: { cards: ['V'] }, is: 'card manual' },
  { says: 'as large as allowed', look: CAMERA, settings: { cardMaxBytes: 64e9 }, is: 'card auto' },
  { says: 'larger than allowed', look: CAMERA, settings: { cardMaxBytes: 64e9 - 1 }, is: 'card manual' },
  {
    says: 'size unknown where a limit is set',
    volume: { sizeBytes: null },
    look: CAMERA,
    settings: { cardMaxBytes: 64e9 },
    is: 'card manual',
  },
  { says: 'the system disk', volume: { system: true }, look: CAMERA, is: 'ignored' },
  {
    says: 'the system disk, even with both proofs',
    volume: { system: true },
    look: OURS,
    journal: [adopted('d1', 'uuid-V')],
    is: 'ignored',
  },
  { says: 'journal and drive.json agree', look: OURS, journal: [adopted('d1', 'uuid-V')], is: 'drive' },
  {
    says: 'an adopted drive with camera folders stays one',
    look: { ...CAMERA, ...OURS },
    journal: [adopted('d1', 'uuid-V')],
    is: 'drive',
  },
  { says: 'drive.json alone is another imagetank’s', look: { ...CAMERA, ...OURS }, is: 'candidate' },
  { says: 'journal alone', look: CAMERA, journal: [adopted('d1', 'uuid-V')], is: 'card auto' },
  { says: 'journal with another id', look: OURS, journal: [adopted('d2', 'uuid-V')], is: 'candidate' },
  { says: 'journal with another UUID', look: OURS, journal: [adopted('d1', 'uuid-W')], is: 'candidate' },
  {
    says: 'drive.json copied to another volume',
    volume: { uuid: 'uuid-W' },
    look: OURS,
    journal: [adopted('d1', 'uuid-V')],
    is: 'candidate',
  },
  {
    says: 'drive.json rewritten for this volume',
    look: { identity: identity('d1', 'uuid-X') },
    journal: [adopted('d1', 'uuid-V')],
    is: 'candidate',
  },
  { says: 'forgotten', look: OURS, journal: [adopted('d1', 'uuid-V'), FORGOTTEN], is: 'candidate' },
  { says: 'drive.json unreadable', look: { ...CAMERA, identity: 'unreadable' }, is: 'candidate' },
  { says: 'drive.json damaged', look: { ...CAMERA, identity: 'damaged' }, is: 'candidate' },
  {
    says: 'drive.json damaged, adopted before',
    look: { identity: 'damaged' },
    journal: [adopted('d1', 'uuid-V')],
    is: 'candidate',
  },
  { says: 'asks to be adopted', volume: { label: 'IMAGETANK' }, is: 'candidate' },
  { says: 'asks, but holds photos', volume: { label: 'IMAGETANK' }, look: CAMERA, is: 'card manual' },
  { says: 'configured', settings: { drives: ['V'] }, is: 'candidate adopt' },
  { says: 'configured by UUID', settings: { drives: ['Uuid-V'] }, is: 'candidate adopt' },
  {
    says: 'configured, not writable',
    look: { writable: false },
    settings: { drives: ['V'] },
    is: 'candidate',
  },
  { says: 'configured, holds photos', look: CAMERA, settings: { drives: ['V'] }, is: 'card manual' },
  { says: 'configured, filled by another', look: OURS, settings: { drives: ['V'] }, is: 'candidate adopt' },
  {
    says: 'configured, filled by another, holds photos',
    look: { ...CAMERA, ...OURS },
    settings: { drives: ['V'] },
    is: 'candidate',
  },
  {
    says: 'configured, filled by another, not writable',
    look: { ...OURS, writable: false },
    settings: { drives: ['V'] },
    is: 'candidate',
  },
  {
    says: 'configured, but its owner forgot it',
    look: OURS,
    settings: { drives: ['V'] },
    journal: [adopted('d1', 'uuid-V'), FORGOTTEN],
    is: 'candidate',
  },
  {
    says: 'configured, but known under another UUID',
    look: OURS,
    settings: { drives: ['V'] },
    journal: [adopted('d1', 'uuid-W')],
    is: 'candidate',
  },
  {
    says: 'configured, unreadable drive.json',
    look: { identity: 'unreadable' },
    settings: { drives: ['V'] },
    is: 'candidate',
  },
];

describe('classify', () => {
  it('adopts nothing by itself over a damaged drive.json, configured or not', () => {
    const look = { ...PLAIN, identity: 'damaged' } as const;
    const settings = { ...SETTINGS, drives: ['V'] };
    const found = classify(volume('V'), look, settings, DriveBook.from([]));
    expect(found).toEqual({ kind: 'candidate', adoptNow: false });
  });

  it.each(CASES)('$says: $is', ({ volume: more, look, settings, journal, is }) => {
    const found = classify(
      volume('V', more),
      { ...PLAIN, ...look },
      { ...SETTINGS, ...settings },
      DriveBook.from(journal ?? []),
    );
    const extra =
      found.kind === 'card' ? found.start : found.kind === 'candidate' && found.adoptNow && 'adopt';
    expect([found.kind, ...(extra ? [extra] : [])].join(' ')).toBe(is);
  });

  it('never says drive without both proofs, nor card with a drive.json, whatever else holds', () => {
    const id = fc.constantFrom('d1', 'd2');
    const uuid = fc.constantFrom('uuid-A', 'uuid-B', null);
    const file = fc.oneof(
      fc.constant(null),
      fc.constantFrom('unreadable' as const, 'damaged' as const),
      fc.record({ id, uuid }).map((one) => identity(one.id, one.uuid)),
    );
    const names = fc.subarray(['V', 'uuid-A', 'IMAGETANK']);
    const world = fc.record({
      uuid,
      label: fc.constantFrom('V', 'IMAGETANK', null),
      system: fc.boolean(),
      look: fc.record({ identity: file, cameraFolders: fc.boolean(), writable: fc.boolean() }),
      journal: fc.array(
        fc.record({ id, uuid }).map((one) => adopted(one.id, one.uuid)),
        { maxLength: 3 },
      ),
      auto: fc.constantFrom('dcim' as const, 'any' as const, 'known' as const, 'off' as const),
      drives: names,
      cards: names,
    });
    fc.assert(
      fc.property(world, ({ look, journal, auto, drives, cards, ...more }) => {
        const book = DriveBook.from(journal);
        const { kind } = classify(volume('V', more), look, { auto, drives, cards, cardMaxBytes: null }, book);
        const proof = look.identity !== null && typeof look.identity !== 'string' ? look.identity : null;
        const fact = proof === null ? null : book.get(driveId(proof.id));
        const both = proof !== null && fact?.uuid === proof.uuid && proof.uuid === more.uuid && !more.system;
        expect(kind === 'drive').toBe(both);
        if (look.identity !== null) expect(kind).not.toBe('card');
        if (look.cameraFolders && look.identity === null && !more.system) expect(kind).toBe('card');
      }),
    );
  });

  it('compares labels exactly and UUIDs without case', () => {
    const one = { label: 'Sd', uuid: '3A4F-1B2C' };
    expect(isNamed(['Sd'], one)).toBe(true);
    expect(isNamed(['SD'], one)).toBe(false);
    expect(isNamed(['3a4f-1b2c'], one)).toBe(true);
    expect(isNamed(['undefined', 'null', ''], { label: null, uuid: null })).toBe(false);
  });
});
