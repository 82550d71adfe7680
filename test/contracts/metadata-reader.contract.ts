import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Capture } from '../../machines/media.ts';
import type { MediaFile, MetadataReader } from '../../services/media-ports.ts';

export interface MetadataSubject {
  readonly reader: MetadataReader;
  /** Empty; gone after `cleanUp`. */
  readonly folder: string;
  /** A name of a kind that it reads. */
  readonly name: string;
  /** Content of a file of that kind, and what it says. */
  readonly content: Uint8Array;
  readonly capture: Capture;
  cleanUp(): Promise<void>;
}

/** What every `MetadataReader` must do. */
export function metadataReaderContract(name: string, setUp: () => Promise<MetadataSubject>): void {
  describe(`MetadataReader: ${name}`, () => {
    let subject: MetadataSubject;
    beforeAll(async () => {
      subject = await setUp();
    });
    afterAll(async () => {
      await subject.reader.stop();
      await subject.cleanUp();
    });

    /** As it lies in `incoming/`: the name is the card's. */
    async function put(at: string, content: Uint8Array | string): Promise<MediaFile> {
      const path = join(subject.folder, `${at}.part`);
      await writeFile(path, content);
      return { path, name: subject.name };
    }

    it('reads what the camera wrote, by the name on the card', async () => {
      const file = await put('one', subject.content);
      expect(await subject.reader.captures([file])).toEqual([subject.capture]);
      expect(await subject.reader.captures([{ ...file, name: file.name.toLowerCase() }])).toEqual([
        subject.capture,
      ]);
    });

    it('answers for each file, in their order', async () => {
      const good = await put('good', subject.content);
      const bad = await put('bad', 'no photo');
      const empty = await put('empty', '');
      const missing = { path: join(subject.folder, 'missing.part'), name: subject.name };
      expect(await subject.reader.captures([bad, good, empty, missing, good, bad])).toEqual([
        null,
        subject.capture,
        null,
        null,
        subject.capture,
        null,
      ]);
    });

    it('answers nothing for nothing', async () => {
      expect(await subject.reader.captures([])).toEqual([]);
    });

    it('takes several questions at once', async () => {
      const file = await put('shared', subject.content);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) => subject.reader.captures(Array(at % 3).fill(file))),
      );
      expect(answers.map((answer) => answer.length)).toEqual(answers.map((_, at) => at % 3));
      expect(answers.flat().every((capture) => capture?.at === subject.capture.at)).toBe(true);
    });

    it('reads on after the beginning of a file alone', async () => {
      const torn = await put('torn', subject.content.subarray(0, 3));
      const whole = await put('whole', subject.content);
      const [first, second] = await subject.reader.captures([torn, whole]);
      expect(first?.at).toBeUndefined();
      expect(second).toEqual(subject.capture);
    });

    it('says nothing after stop, and stops twice', async () => {
      const file = await put('late', subject.content);
      await subject.reader.stop();
      expect(await subject.reader.captures([file, file])).toEqual([null, null]);
      await subject.reader.stop();
    });
  });
}
