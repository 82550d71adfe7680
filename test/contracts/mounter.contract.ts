import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Mounter, MountTarget } from '../../services/devices/ports.ts';

export interface MounterSubject {
  readonly mounter: Mounter;
  /** Two media that are attached, removable, and not mounted. */
  readonly one: MountTarget;
  readonly other: MountTarget;
  /** How the volume is mounted now by the mounter; null when it is not. */
  mode(target: MountTarget): 'read-only' | 'read-write' | null;
  /** The medium leaves its slot without a word. */
  pull(target: MountTarget): void;
  cleanUp(): Promise<void>;
}

/** What every `Mounter` must do. */
export function mounterContract(name: string, setUp: () => Promise<MounterSubject>): void {
  describe(`Mounter: ${name}`, () => {
    let subject: MounterSubject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());

    /** Another medium in the same slot. */
    const next = (target: MountTarget): MountTarget => ({
      node: target.node,
      key: target.key.replace(/\d+$/, (seq) => String(Number(seq) + 1)),
    });
    const path = async (answer: ReturnType<Mounter['unmount']>): Promise<string> => {
      const given = await answer;
      return given.ok ? given.path : `${given.trouble}: ${given.detail}`;
    };

    it('mounts a card read-only under the name of its node', async () => {
      const { mounter, one, mode } = subject;
      expect(await path(mounter.mountCard(one))).toMatch(new RegExp(`/${one.node.slice(5)}$`));
      expect(mode(one)).toBe('read-only');
    });

    it('leaves a mounted card as it is', async () => {
      const { mounter, one, mode } = subject;
      const first = await mounter.mountCard(one);
      expect(await mounter.mountCard(one)).toEqual(first);
      expect(mode(one)).toBe('read-only');
    });

    it('mounts a drive read-write', async () => {
      const { mounter, one, mode } = subject;
      expect(await mounter.mountDrive(one)).toMatchObject({ ok: true });
      expect(mode(one)).toBe('read-write');
    });

    it('makes a card into a drive at the same place', async () => {
      const { mounter, one, mode } = subject;
      const card = await mounter.mountCard(one);
      expect(await mounter.mountDrive(one)).toEqual(card);
      expect(mode(one)).toBe('read-write');
    });

    it('does not take a drive’s right to be written when it is asked for as a card', async () => {
      const { mounter, one, mode } = subject;
      const drive = await mounter.mountDrive(one);
      expect(await mounter.mountCard(one)).toEqual(drive);
      expect(mode(one)).toBe('read-write');
    });

    it('keeps two volumes apart, asked for at once', async () => {
      const { mounter, one, other, mode } = subject;
      const [first, second] = await Promise.all([
        path(mounter.mountCard(one)),
        path(mounter.mountDrive(other)),
      ]);
      expect(first).not.toBe(second);
      expect([mode(one), mode(other)]).toEqual(['read-only', 'read-write']);
      await mounter.unmount(one);
      expect([mode(one), mode(other)]).toEqual([null, 'read-write']);
    });

    it('answers requests for one volume in their order', async () => {
      const { mounter, one, mode } = subject;
      const answers = await Promise.all([
        mounter.mountCard(one),
        mounter.mountDrive(one),
        mounter.unmount(one),
        mounter.mountCard(one),
      ]);
      expect(answers.map((answer) => answer.ok)).toEqual([true, true, true, true]);
      expect(mode(one)).toBe('read-only');
    });

    it('unmounts cards and drives, and what is not mounted is done', async () => {
      const { mounter, one, other, mode } = subject;
      expect(await mounter.unmount(one)).toMatchObject({ ok: true });
      await mounter.mountCard(one);
      await mounter.mountDrive(other);
      expect(await mounter.unmount(one)).toMatchObject({ ok: true });
      expect(await mounter.unmount(other)).toMatchObject({ ok: true });
      expect([mode(one), mode(other)]).toEqual([null, null]);
      expect(await mounter.unmount(one)).toMatchObject({ ok: true });
    });

    it('mounts nothing of a medium that went away, and cleans up what is left of it', async () => {
      const { mounter, one, pull, mode } = subject;
      await mounter.mountDrive(one);
      pull(one);
      expect(await mounter.mountCard(one)).toMatchObject({ ok: false, trouble: 'gone' });
      expect(await mounter.mountDrive(one)).toMatchObject({ ok: false, trouble: 'gone' });
      expect(await mounter.unmount(one)).toMatchObject({ ok: true });
      expect(mode(one)).toBeNull();
    });

    it('does not take another medium for the one that is asked for', async () => {
      const { mounter, one, mode } = subject;
      expect(await mounter.mountCard(next(one))).toMatchObject({ ok: false, trouble: 'gone' });
      expect(await mounter.mountDrive(next(one))).toMatchObject({ ok: false, trouble: 'gone' });
      expect(mode(one)).toBeNull();
      await mounter.mountCard(one);
      expect(await mounter.unmount(next(one))).toMatchObject({ ok: true });
      expect(mode(one)).toBe('read-only');
    });
  });
}
