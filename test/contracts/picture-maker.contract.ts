import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PictureMaker, PictureSource } from '../../services/pictures/ports.ts';

export interface PictureMakerSubject {
  readonly maker: PictureMaker;
  readonly good: PictureSource;
  readonly bad: PictureSource;
  /** An absolute path where nothing lies. */
  readonly into: string;
  /** Whether something lies there; null where nobody can tell. */
  isThere(): boolean | null;
  /** Takes away what lies there. */
  take(): void;
  cleanUp(): Promise<void>;
}

/** What every `PictureMaker` must do. */
export function pictureMakerContract(name: string, setUp: () => Promise<PictureMakerSubject>): void {
  describe(`PictureMaker: ${name}`, () => {
    let subject: PictureMakerSubject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(async () => {
      await subject.maker.stop();
      await subject.cleanUp();
    });
    const make = (source: PictureSource) => subject.maker.make(source, 320, subject.into);

    it('makes a picture where it is told to', async () => {
      expect(await make(subject.good)).toBe('made');
      expect(subject.isThere()).not.toBe(false);
    });

    it('leaves nothing of what cannot be made, and goes on with the next', async () => {
      expect(await make(subject.bad)).toBe('failed');
      expect(subject.isThere()).not.toBe(true);
      expect(await make(subject.good)).toBe('made');
    });

    it('takes several at once, and answers each', async () => {
      const asked = [subject.bad, subject.good, subject.bad].map((source) =>
        make(source).then((made) => {
          subject.take();
          return made;
        }),
      );
      expect(await Promise.all(asked)).toEqual(['failed', 'made', 'failed']);
    });

    it('begins nothing after an interruption that was asked for before it', async () => {
      const asked = [make(subject.good), make(subject.good)];
      await subject.maker.interrupt();
      expect(await Promise.all(asked)).toEqual(['failed', 'failed']);
      expect(subject.isThere()).not.toBe(true);
      expect(await make(subject.good)).toBe('made');
    });

    it('may be interrupted when it makes nothing', async () => {
      await subject.maker.interrupt();
      expect(await make(subject.good)).toBe('made');
    });

    it('makes nothing after stop, and stops twice', async () => {
      await subject.maker.stop();
      expect(await make(subject.good)).toBe('failed');
      expect(subject.isThere()).not.toBe(true);
      await subject.maker.stop();
    });
  });
}
