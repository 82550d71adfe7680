import { Subject } from 'rxjs';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Fact, FactOf } from '../../machines/facts.ts';
import type { Capture } from '../../machines/media.ts';
import { type IndexJob, indexFolder } from '../../services/indexing/index-folder.ts';
import { survey } from '../../services/indexing/survey.ts';
import { IndexTally } from '../../services/indexing/tally.ts';
import { Touched } from '../../services/indexing/touched.ts';
import type { Photo } from '../../services/library/ports.ts';
import { oneAtATime } from '../../services/manifest/one-at-a-time.ts';
import { catalogueChanges } from '../../services/projections/catalogue.ts';
import { driveReader } from '../../services/verify/drive-reader.ts';
import { AT_ONCE, type VerifyRun } from '../../services/verify/run.ts';
import { ListCatalogue, MemoryDrive, rel } from '../manifest/memory-drive.ts';

export const FOLDER = rel('images');
export const A = 'images/2019/a.jpg';
export const B = 'images/2019/b.jpg';

type Told = FactOf<'FilesIndexed'> | FactOf<'CopiesLost'>;

/** A drive with two photos that nobody copied there, and all that is needed to index them. */
export class IndexKit {
  readonly drive = new MemoryDrive();
  readonly catalogue = new ListCatalogue();
  readonly facts: Told[] = [];
  readonly touched = new Touched(this.drive.drive.id);
  readonly clock = new VirtualClock();
  readonly settled: string[] = [];
  readonly met: number[] = [];
  readonly captures = new Map<string, Capture>();
  /** By content, `<xxh64>-<size>`: what the library shows. */
  readonly days = new Map<string, string>();
  dayStarts = '00:00';
  readonly asked: string[] = [];
  /** `Sighting.file` by absolute path, for what lies on other drives. */
  readonly elsewhere = new Map<string, string>();
  readonly drives = new Map([[this.drive.drive.id, this.drive.drive]]);
  readonly busy$ = new Subject<void>();
  isBusy = false;
  mounted: () => Promise<void> = async () => undefined;
  /** Before a fact is durable. */
  onEmit: (fact: Fact) => void = () => undefined;
  tally = new IndexTally();
  readonly #inTurn = oneAtATime<'record'>();

  constructor() {
    this.drive.put(A, 'first');
    this.drive.put(B, 'second', 1_600_000_000_000);
    this.drive.settle = async (paths: readonly string[]) => void this.settled.push(...paths);
  }

  job(change: Partial<IndexJob> = {}, run: Partial<VerifyRun> = {}): IndexJob {
    const { drive: store, catalogue, touched, tally, dayStarts } = this;
    return {
      ...{ store, folder: FOLDER, roots: [], catalogue, touched, tally, dayStarts, isDryRun: false },
      shelf: { photo: (id) => ({ day: this.days.get(id) ?? null }) as Photo },
      reader: driveReader(store),
      emit: (fact) => this.#record(fact),
      metadata: {
        captures: async (files) => {
          this.asked.push(...files.map(({ path }) => path));
          return files.map(({ path }) => this.captures.get(path) ?? null);
        },
      },
      twins: {
        catalogue,
        drives: () => this.drives,
        fileAt: async (path) => this.elsewhere.get(path) ?? null,
      },
      numberIn: (name) => Number(/^pimg_(\d+)/.exec(name)?.[1] ?? 0) || null,
      met: (number) => void this.met.push(number),
      alone: (work) => this.#inTurn('record', work),
      assertOnDrive: () => this.mounted(),
      run: {
        ...AT_ONCE,
        clock: this.clock,
        backups: { isBusy: () => this.isBusy, changed$: this.busy$ },
        ...run,
      },
      ...change,
    };
  }

  /** The journal and what follows from it, as far as this needs it. */
  async #record(fact: Fact): Promise<void> {
    this.onEmit(fact);
    this.facts.push(fact as Told);
    for (const change of catalogueChanges({ fact })) {
      if (change.type !== 'confirm' && change.type !== 'drop') continue;
      const to = change.type === 'drop' ? change.to : change.copy.to;
      this.catalogue.rows = this.catalogue.rows.filter((row) => row.to !== to);
      if (change.type !== 'confirm') continue;
      const { copy, news } = change;
      this.catalogue.rows.push(copy);
      // As the shelf does: what is known of a content is not replaced by something that knows no more.
      const id = `${copy.xxh64}-${copy.sizeBytes}`;
      if (news.words.day !== '' && !this.days.has(id)) this.days.set(id, news.words.day);
    }
    this.touched.follow(fact);
  }

  async index(change: Partial<IndexJob> = {}, run: Partial<VerifyRun> = {}) {
    this.tally = new IndexTally();
    const { roots } = await survey(this.drive, FOLDER, new AbortController().signal);
    for await (const _ of indexFolder(this.job({ roots, ...change }, run))) {
      // Whoever asked only waits.
    }
    return this.result;
  }

  get result() {
    const {
      drive: _,
      folder: __,
      files: ___,
      manifests: ____,
      ...rest
    } = this.tally.result({
      ...{ drive: 'D', folder: 'images', files: 0, manifests: [] },
    });
    return rest;
  }

  /** What the library shows of a file, by its content. */
  dayOf(path: string): string | undefined {
    const { xxh64, sizeBytes } = this.catalogue.copyAt(this.drive.drive.id, rel(path)) ?? {};
    return this.days.get(`${xxh64}-${sizeBytes}`);
  }

  /** The paths of each fact, in order. */
  get told(): readonly (readonly [Told['type'], readonly string[]])[] {
    return this.facts.map((fact) => [fact.type, fact.files.map(({ to }) => to)]);
  }

  /** Runs once, behind the last byte of a file and before anybody looks at it again. */
  afterReading(path: string, act: () => void): void {
    const { readBack } = this.drive;
    this.drive.readBack = async (at, after) => {
      const read = await readBack.call(this.drive, at, after);
      if (at === path) act();
      return read;
    };
  }
}
