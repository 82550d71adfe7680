import { describe, expect, it } from 'vitest';
import type { Capture, FileOnDrive } from '../../machines/media.ts';
import { dayBy } from '../../services/library/day-by.ts';
import { file } from '../journal/facts.ts';

const NOON_MS = Date.UTC(2026, 10, 21, 12);
const TAKEN: Capture = { at: '2026-11-20T23:59:00' };

const shot = (name: string, changes: Partial<FileOnDrive> = {}): FileOnDrive => ({
  ...file(`Photos/2026/2026-11-20/${name}`, { content: name, from: `DCIM/100NIKON/${name}` }),
  mtimeMs: NOON_MS,
  ...changes,
});
const nef = (changes: Partial<FileOnDrive> = {}) => shot('DSC_0001.NEF', changes);
const by = (asked: FileOnDrive, ...others: readonly FileOnDrive[]) =>
  dayBy({ copied: [asked, ...others], duplicates: [] }, asked);

describe('the day of a file that does not say when it was taken', () => {
  it('is that of the picture of its shot that does', () => {
    expect(by(nef(), shot('DSC_0001.JPG', { capture: TAKEN }))).toEqual({ name: 'DSC_0001.JPG' });
    const duplicates = [shot('dsc_0001.jpg', { capture: TAKEN })];
    expect(dayBy({ copied: [nef()], duplicates }, nef())).toEqual({ name: 'dsc_0001.jpg' });
  });

  it('is that of its film only where no picture tells', () => {
    const film = shot('DSC_0001.MOV', { capture: TAKEN });
    expect(by(nef(), film)).toEqual({ name: 'DSC_0001.MOV' });
    expect(by(nef(), film, shot('DSC_0001.JPG', { capture: TAKEN }))).toEqual({ name: 'DSC_0001.JPG' });
  });

  it('is its own where it says so itself, or where no other does', () => {
    expect(by(nef({ capture: TAKEN }), shot('DSC_0001.JPG', { capture: TAKEN }))).toBeNull();
    expect(by(nef(), shot('DSC_0001.JPG'))).toBeNull();
    expect(by(nef(), shot('DSC_0001.JPG', { capture: { make: 'NIKON' } }))).toBeNull();
    // Of another shot, or of one of that name in another folder.
    expect(by(nef(), shot('DSC_0002.JPG', { capture: TAKEN }))).toBeNull();
    const path = 'DCIM/101NIKON/DSC_0001.JPG' as FileOnDrive['path'];
    expect(by(nef(), shot('DSC_0001.JPG', { capture: TAKEN, path }))).toBeNull();
  });

  it('is another’s, though the record does not say whose, where it is neither its own nor the day before', () => {
    expect(by(nef({ day: '2026-11-18' }))).toEqual({ name: null });
    expect(by(nef({ day: '2026-11-22' }))).toEqual({ name: null });
    // May be its own, of a day that begins at three.
    expect(by(nef({ day: '2026-11-20' }))).toBeNull();
  });
});
