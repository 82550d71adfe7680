import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { contentNamed } from './card.ts';
import { BUNDLE, type Order, run } from './program.ts';

const DRIVE = 'drive';
/** A client writes it under this name and renames it at its end. */
export const ARRIVING = 'IMG_0005.JPG.part';
export const ARRIVED = 'IMG_0005.JPG';
/** The film whose client stalls and goes on writing after it was taken. */
const STALLED = 'phone/MVI_0006.MP4';
const TAKEN_S = Date.UTC(2026, 10, 1, 12) / 1000;

/** Paths as latin1, so that every byte is one; the value is the seed of the content and its size. */
const UPLOADS: readonly (readonly [path: string, content: string, bytes: number])[] = [
  ['DCIM/100/IMG_0001.JPG', 'first', 90_000],
  // Another photo of that name, from another phone, and one that both sent.
  ['phone/IMG_0001.JPG', 'namesake', 70_000],
  ['DCIM/100/IMG_0002.JPG', 'twin', 4097],
  ['phone/IMG_0003.JPG', 'twin', 4097],
  ['phone/caf\xe9.JPG', 'not UTF-8', 20_000],
  [STALLED, 'film', 1_500_000],
  [ARRIVING, 'renamed', 30_000],
];
/** What the library has under a name that an upload wants. */
export const FOREIGN = { path: 'Photos/2026/2026-11-01/IMG_0001.JPG', content: 'foreign', bytes: 500 };

export interface UploadStory {
  readonly name: string;
  /** Of the run that is killed; those before it went well. */
  readonly boot: number;
}

export const UPLOAD_STORIES: readonly UploadStory[] = [
  { name: 'uploads', boot: 1 },
  { name: 'a second look', boot: 2 },
];

/** A place where uploads can be played again and again: what lies there is put back, names that are not UTF-8 too. */
export class UploadScene {
  readonly story: UploadStory;
  readonly root: string;
  readonly #all: string;

  constructor(story: UploadStory) {
    this.story = story;
    this.#all = mkdtempSync(join(BUNDLE, 'uploads-'));
    this.root = join(this.#all, 'now');
  }

  get drive(): string {
    return join(this.root, DRIVE);
  }

  get state(): string {
    return join(this.root, 'state');
  }

  async prepare(): Promise<void> {
    mkdirSync(join(this.drive, 'inbox'), { recursive: true });
    // Adopted before, for that is no part of these stories.
    await this.#runBefore(0);
    for (const [path, content, bytes] of UPLOADS) this.#put(`inbox/${path}`, content, bytes);
    this.#put(FOREIGN.path, FOREIGN.content, FOREIGN.bytes);
    if (this.story.boot > 1) {
      await this.#runBefore(1);
      const [backup = ''] = readdirSync(join(this.drive, '.imagetank/taken'));
      appendFileSync(join(this.drive, '.imagetank/taken', backup, STALLED), contentNamed('goes on', 100_000));
      this.#put('inbox/DCIM/100/IMG_0002.JPG', 'another', 5000);
    }
    execFileSync('cp', ['-a', this.root, join(this.#all, 'prepared')]);
  }

  order(boot: number): Order {
    return { program: 'inbox-driver', root: this.root, times: `boot ${boot}`, drives: [DRIVE] };
  }

  /** Everything as it was when the story begins. */
  reset(): void {
    rmSync(this.root, { recursive: true });
    execFileSync('cp', ['-a', join(this.#all, 'prepared'), this.root]);
  }

  remove(): void {
    rmSync(this.#all, { recursive: true, force: true });
  }

  async #runBefore(boot: number): Promise<void> {
    const { words, errors } = await run(this.order(boot));
    if (words?.light !== 'ready') throw new Error(`the run before the story failed: ${errors}`);
  }

  #put(path: string, content: string, bytes: number): void {
    const at = Buffer.from(`${this.drive}/${path}`, 'latin1');
    mkdirSync(at.subarray(0, at.lastIndexOf('/')), { recursive: true });
    writeFileSync(at, contentNamed(content, bytes));
    utimesSync(at, TAKEN_S, TAKEN_S);
  }
}
