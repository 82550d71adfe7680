import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PictureCache } from '../../services/pictures/ports.ts';

export interface PictureCacheSubject {
  readonly cache: PictureCache;
  /** Puts a picture where `place` said. */
  write(path: string): Promise<void>;
  cleanUp(): Promise<void>;
}

const [ONE, TWO] = ['0123456789abcdef-1', 'fedcba9876543210-22'];

/** What every `PictureCache` must do. */
export function pictureCacheContract(name: string, setUp: () => Promise<PictureCacheSubject>): void {
  describe(`PictureCache: ${name}`, () => {
    let subject: PictureCacheSubject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(() => subject.cleanUp());

    async function keep(id: string, size: 'thumb' | 'preview', made = true) {
      const into = (await subject.cache.place()) ?? '';
      expect(into).toMatch(/^\//);
      if (made) await subject.write(into);
      return subject.cache.keep(id, size, made);
    }

    it('knows nothing at first', async () => {
      expect(await subject.cache.find(ONE, 'thumb')).toBeNull();
    });

    it('finds what it kept, each size by itself, at another place than where it was made', async () => {
      const path = await keep(ONE, 'thumb');
      expect(path).toMatch(/^\//);
      expect(path).not.toBe(await subject.cache.place());
      expect(await subject.cache.find(ONE, 'thumb')).toBe(path);
      expect(await subject.cache.find(ONE, 'preview')).toBeNull();
      expect(await subject.cache.find(TWO, 'thumb')).toBeNull();
      expect(await keep(ONE, 'preview')).not.toBe(path);
    });

    it('remembers that there is none, until there is one', async () => {
      expect(await keep(ONE, 'thumb', false)).toBe('none');
      expect(await subject.cache.find(ONE, 'thumb')).toBe('none');
      const path = await keep(ONE, 'thumb');
      expect(path).not.toBe('none');
      expect(await subject.cache.find(ONE, 'thumb')).toBe(path);
    });
  });
}
