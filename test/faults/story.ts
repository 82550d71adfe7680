import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DRIVE_ROOTS } from '../../services/manifest/names.ts';
import { CARD, writeCard } from './card.ts';
import { type Journal, readJournal, type Tree, treeOf } from './judge.ts';
import { BUNDLE, type Order, run } from './program.ts';

/** What the world is like before the run that gets the faults. */
export interface Story {
  readonly name: string;
  readonly drives: readonly string[];
  /** Files of the card in an earlier backup; 0: nobody has used state and drives yet. */
  readonly before: number;
}

export const STORIES: readonly Story[] = [
  { name: 'fresh', drives: ['drive'], before: 0 },
  { name: 'grown', drives: ['drive'], before: 9 },
  { name: 'two drives', drives: ['drive', 'second'], before: 0 },
];

/** A place where a story can be played again and again: the paths stay the same, what lies there is put back. */
export class Scene {
  readonly story: Story;
  readonly root: string;
  readonly #prepared: string;
  readonly #all: string;

  /** In the bundle's folder: what a run that was killed leaves goes with it. */
  constructor(story: Story) {
    this.story = story;
    this.#all = mkdtempSync(join(BUNDLE, 'scene-'));
    this.root = join(this.#all, 'now');
    this.#prepared = join(this.#all, 'prepared');
  }

  async prepare(): Promise<void> {
    const { before } = this.story;
    mkdirSync(this.root);
    if (before > 0) {
      writeCard(join(this.root, 'card'), CARD.slice(0, before));
      const { words, errors } = await run(this.order('once'));
      if (words?.light !== 'ready') throw new Error(`the backup before the story failed: ${errors}`);
    }
    writeCard(join(this.root, 'card'));
    cpSync(this.root, this.#prepared, { recursive: true, preserveTimestamps: true });
  }

  order(times: 'once' | 'twice'): Order {
    return { root: this.root, times, drives: this.story.drives };
  }

  /** Everything as it was when the story begins. */
  reset(): void {
    rmSync(this.root, { recursive: true });
    cpSync(this.#prepared, this.root, { recursive: true, preserveTimestamps: true });
  }

  get card(): Tree {
    return treeOf(join(this.root, 'card'), ['']);
  }

  drive(name: string): string {
    return join(this.root, name);
  }

  photos(name: string): Tree {
    return treeOf(this.drive(name), DRIVE_ROOTS);
  }

  /** Null when the run ended before there was any. */
  journal(): Journal | null {
    const state = join(this.root, 'state');
    return existsSync(join(state, 'journal.db')) ? readJournal(state) : null;
  }

  remove(): void {
    rmSync(this.#all, { recursive: true, force: true });
  }
}
