import { BehaviorSubject, concat, defer, finalize, type Observable, of, Subject } from 'rxjs';
import {
  type Appliance,
  type BackupOrder,
  type IndexOptions,
  type IndexWork,
  PLAIN_CHECK,
  PLAIN_INDEX,
  PLAIN_VERIFY,
  type VerifyOptions,
  type Work,
} from '../../services/appliance.ts';
import { UserError } from '../../services/errors.ts';
import { healthShape } from '../../services/health/shape.ts';
import type { AskedStyle } from '../../services/library/asked-style.ts';
import type { Explanation, GroupPageShape, PhotoPageShape } from '../../services/library/shapes.ts';
import type {
  BackupStatus,
  DriveStatus,
  HistoryLine,
  LightLine,
  Status,
  VerificationStatus,
} from '../../services/shapes.ts';
import type { VerifyWork } from '../../services/verify/advice.ts';
import type {
  CheckOptions,
  CheckResult,
  IndexResult,
  PreviewMessage,
  PreviewResult,
  VerifyProgress,
  VerifyResult,
} from '../../services/work-shapes.ts';
import { EXPLANATION, GROUP, PHOTO, PHOTO_DETAIL } from './photo-answers.ts';

export const LIGHT: LightLine = {
  seq: 7,
  at: '2026-11-21T14:03:22.000Z',
  monoMs: 1234.5,
  state: 'ready',
  signal: 'ready',
  code: null,
  leds: { red: 'off', amber: 'off', green: 'on' },
};

export const COPYING: LightLine = {
  ...LIGHT,
  seq: 8,
  state: 'copying',
  signal: 'copying',
  leds: { red: 'off', amber: 'pulse 400/400', green: 'off' },
};

export const DARK: LightLine = {
  ...LIGHT,
  seq: 9,
  state: 'shutdown',
  signal: 'off',
  leds: { red: 'off', amber: 'off', green: 'off' },
};

export const DRIVE: DriveStatus = {
  id: '6a1f0c1e-8a0e-4d4c-9a51-000000000001',
  label: 'PDRIVE128GB',
  uuid: '3A4F-1B2C',
  adopted: true,
  mounted: true,
  path: '/media/pi/PDRIVE128GB',
  sizeBytes: 128e9,
  freeBytes: 64.5e9,
};

export const RUNNING: BackupStatus = {
  id: '20261121-57',
  card: 'SD32GB-03',
  drives: [
    {
      id: DRIVE.id ?? '',
      label: 'PDRIVE128GB',
      phase: 'copying',
      outcome: null,
      reason: null,
      files: 40,
      bytes: 3e9,
      verifiedFrom: null,
    },
  ],
  phase: 'copying',
  filesDone: 12,
  filesTotal: 40,
  bytesDone: 1.2e9,
  bytesTotal: 3e9,
  rateBytesPerSecond: 80.1e6,
  secondsLeft: 185,
  startedAt: '2026-11-21T14:00:00.000Z',
  finishedAt: null,
  outcome: null,
  secondReading: null,
};

const HOW_FAR = {
  filesDone: 12,
  filesTotal: 40,
  bytesDone: 1.2e9,
  bytesTotal: 3e9,
  rateBytesPerSecond: 80.1e6,
  secondsLeft: 22.5,
  waiting: false,
};

export const VERIFYING: VerifyProgress = { ...HOW_FAR, drive: 'PDRIVE128GB', continued: null };

export const BEING_VERIFIED: VerificationStatus = {
  ...HOW_FAR,
  target: 'PDRIVE128GB',
  drives: [DRIVE.id ?? ''],
  startedAt: '2026-11-21T14:00:00.000Z',
};

export const HISTORY_LINE: HistoryLine = {
  id: '20261121-57',
  card: 'SD32GB-03',
  drives: [
    {
      ...{ id: DRIVE.id ?? '', label: DRIVE.label, outcome: 'done', reason: null },
      ...{ verifiedFrom: 'medium', files: 39, bytes: 3e9 },
    },
  ],
  startedAt: '2026-11-21T14:00:00.000Z',
  finishedAt: '2026-11-21T14:05:00.000Z',
  outcome: 'done',
  reason: null,
  files: 40,
  bytes: 3e9,
  copied: 38,
  duplicates: 1,
  failed: 1,
  secondReading: null,
  notes: [],
};

export const STATUS: Status = {
  state: 'copying',
  signal: 'copying',
  code: null,
  leds: COPYING.leds,
  drives: [DRIVE],
  cards: [
    {
      id: 'c1',
      label: 'SD32GB-03',
      uuid: 'AAAA-0001',
      path: '/media/pi/SD32GB-03',
      readOnly: true,
      backedUp: false,
      insertion: 7,
    },
  ],
  backups: [
    RUNNING,
    {
      ...RUNNING,
      id: '20261120-3',
      phase: 'done',
      filesDone: 40,
      bytesDone: 3e9,
      finishedAt: '2026-11-20T09:10:00.000Z',
      startedAt: '2026-11-20T09:00:00.000Z',
      outcome: 'done',
    },
  ],
  verifications: [],
  problems: [
    { code: 'drive-full', blinks: 3, message: 'The card does not fit.', since: '2026-11-21T13:00:00.000Z' },
  ],
  health: { rssBytes: 50e6, uptimeSeconds: 12, version: '0.1.0', ...healthShape([]) },
  address: null,
  ending: null,
};

export const SAFE: CheckResult = {
  safe: true,
  files: 40,
  verified: 40,
  copies: { asked: 'all', required: 1, lookedAt: 1, onRecord: 0 },
  drives: [{ id: 'd1', label: 'PDRIVE128GB', state: 'attached', files: 40 }],
  missing: [],
  gaps: [],
};
/** A file of which no drive has a copy. */
export const lost = (path: string, why: CheckResult['missing'][number]['why']) => ({
  path,
  why,
  copies: 0,
  drives: [],
});
export const INTACT: VerifyResult = { ok: true, files: 40, altered: [], missing: [], new: [] };
export const INDEXED: IndexResult = {
  drive: 'PDRIVE128GB',
  folder: 'images',
  files: 40,
  indexed: 38,
  known: 2,
  unread: 0,
  unreadBytes: 0,
  verifiedFrom: 'medium',
  altered: [],
  missing: [],
  unreadable: [],
  changed: [],
  refused: [],
  linked: [],
  special: [],
  manifests: ['images/ascmhl/0001_images_2026-11-21_041037Z.mhl'],
};
export const JOURNAL_LINE = (seq: number) =>
  JSON.stringify({ v: 1, seq, stream: 'appliance', at: LIGHT.at, type: 'DevicesKnown', data: {} });

export const unknown = (word: string) =>
  new UserError('unknown-card', 66, `${word}: no such card`, 'see what is there with: imagetank status');

type Following = { readonly progress: BackupStatus } | { readonly result: HistoryLine };

/** An `Appliance` whose answers a test sets, and which records what was asked of it. */
export class ScriptedAppliance implements Appliance {
  readonly asked: unknown[] = [];
  /** Thrown by everything except status. */
  refusal: Error | null = null;
  /** Words that are neither label nor id. */
  unknownWords = new Set<string>();
  statusAnswer: Status = STATUS;
  historyLines: readonly HistoryLine[] = [HISTORY_LINE];
  checkResult: CheckResult = SAFE;
  groupPages: GroupPageShape[] = [{ groups: [GROUP], next: null }];
  /** What a search waits for. */
  searching: (gone?: AbortSignal) => Promise<void> = () => Promise.resolve();
  photoPages: PhotoPageShape[] = [{ photos: [PHOTO], next: null }];
  explanation: Explanation = EXPLANATION;
  verifyResult: VerifyResult = INTACT;
  indexResult: IndexResult = INDEXED;
  /** What `follow` gives after one progress message; null: it waits for `followed`. */
  outcome: HistoryLine | null = HISTORY_LINE;
  started = [{ id: HISTORY_LINE.id, card: HISTORY_LINE.card }];
  failInTheMiddle = false;
  phase: BackupStatus['phase'] = 'copying';
  /** Of a preview; none: on an empty drive. */
  previewDrives: NonNullable<PreviewResult['drives']> = [];
  verifyProgress: VerifyProgress = VERIFYING;
  /** Checking goes on until nobody listens any more. */
  checkWaits = false;
  /** Verifying goes on until nobody listens any more. */
  verifyWaits = false;
  readonly followed = new Subject<Following>();
  readonly lights = new Subject<LightLine>();
  readonly heads = new BehaviorSubject(25);
  /** Open subscriptions of streams that were handed out. */
  open = 0;

  readonly lights$: Observable<LightLine> = this.#counted(concat(of(LIGHT), this.lights));
  readonly head$: Observable<number> = this.#counted(this.heads);

  #counted<Value>(source: Observable<Value>): Observable<Value> {
    return defer(() => {
      this.open += 1;
      return source.pipe(
        finalize(() => {
          this.open -= 1;
        }),
      );
    });
  }

  #take(...question: unknown[]): void {
    this.asked.push(question);
    if (this.refusal !== null) throw this.refusal;
    const word = question[1];
    if (typeof word === 'string' && this.unknownWords.has(word)) throw unknown(word);
  }

  async status() {
    return this.statusAnswer;
  }

  history(query: { readonly last?: number; readonly before?: string } = {}) {
    this.#take('history', query);
    const end = this.historyLines.findIndex(({ id }) => id === query.before);
    const lines =
      query.before === undefined ? this.historyLines : this.historyLines.slice(0, Math.max(0, end));
    return lines.slice(Math.max(0, lines.length - (query.last ?? lines.length)));
  }

  backupStatus(id: string): BackupStatus {
    this.#take('backupStatus', id);
    return { ...RUNNING, id };
  }

  states: readonly string[] = [
    'appliance',
    'appliance.life',
    'appliance.life.ready',
    'appliance.life.ready.clear',
  ];

  chartStates() {
    return this.states;
  }

  async backup(order: BackupOrder) {
    this.#take('backup', order.card, order);
    return this.started;
  }

  follow(id: string): Observable<Following> {
    this.#take('follow', id);
    const progress: Following = { progress: { ...RUNNING, id, phase: this.phase } };
    if (this.outcome === null) return this.#counted(concat(of(progress), this.followed));
    return this.#counted(of(progress, { result: { ...this.outcome, id } }));
  }

  async *#work<Result>(result: Result): Work<Result> {
    yield { progress: { filesDone: 1, filesTotal: 40, bytesDone: 1e6, bytesTotal: 3e9 } };
    if (this.failInTheMiddle)
      throw new UserError('io-error', 74, 'the card went away, SD32GB-03', 'insert it again');
    yield { result };
  }

  readonly library: Appliance['library'] = {
    groups: (by, page) => {
      this.#take('groups', by, page);
      return this.groupPages.shift() ?? { groups: [], next: null };
    },
    photos: (filter, page) => {
      this.#take('photos', Object.values(filter)[0], filter, page);
      return this.photoPages.shift() ?? { photos: [], next: null };
    },
    find: async (part, filter, page, gone) => {
      this.#take('find', part, { ...filter }, { ...page });
      await this.searching(gone);
      return this.photoPages.shift() ?? { photos: [], next: null };
    },
    photo: (id) => {
      this.#take('photo', id);
      return PHOTO_DETAIL;
    },
    explain: (question) => {
      this.#take('explain', question.name, question);
      return this.explanation;
    },
  };

  async *check(card: string, options: CheckOptions = PLAIN_CHECK): Work<CheckResult> {
    this.#take('check', card, options);
    this.open += 1;
    try {
      while (this.checkWaits) {
        yield { progress: { filesDone: 12, filesTotal: 40, bytesDone: 1.2e9, bytesTotal: 3e9 } };
        await new Promise((resolve) => setImmediate(resolve));
      }
      yield* this.#work(this.checkResult);
    } finally {
      this.open -= 1;
    }
  }

  async *preview(card: string | null, asked: AskedStyle): AsyncGenerator<PreviewMessage> {
    this.#take('preview', card, asked);
    const drives = this.previewDrives;
    const on = (there: boolean) => (drives.length === 0 ? {} : { drive: 'TANK', there });
    yield { file: { path: 'DCIM/a\u001b.JPG', to: 'Photos/a%1B.JPG', renamed: false, ...on(true) } };
    yield { progress: { filesDone: 1, filesTotal: 2 } };
    if (this.failInTheMiddle)
      throw new UserError('io-error', 74, 'the card went away, SD32GB-03', 'insert it again');
    yield { file: { path: 'DCIM/b.JPG', to: 'Photos/a%1B_2.JPG', renamed: true, ...on(false) } };
    const counts = { files: 2, renamed: 1, ignored: 3, unreadable: 4 };
    yield { result: drives.length === 0 ? counts : { ...counts, drives } };
  }

  async *verify(target: string | null, options: VerifyOptions = PLAIN_VERIFY): VerifyWork {
    this.#take('verify', target, options);
    this.open += 1;
    try {
      do {
        yield { progress: this.verifyProgress };
        await new Promise((resolve) => setImmediate(resolve));
      } while (this.verifyWaits);
      yield { result: this.verifyResult };
    } finally {
      this.open -= 1;
    }
  }

  async *index(dir: string, options: IndexOptions = PLAIN_INDEX): IndexWork {
    this.#take('index', dir, options);
    yield { progress: this.verifyProgress };
    if (this.failInTheMiddle) return;
    yield { result: this.indexResult };
  }

  async drives() {
    this.#take('drives');
    return this.statusAnswer.drives;
  }

  async adopt(target: string, force: boolean) {
    this.#take('adopt', target, force);
    return DRIVE;
  }

  async forget(target: string) {
    this.#take('forget', target);
    return { ...DRIVE, adopted: false };
  }

  async eject(target: string) {
    this.#take('eject', target);
    return { ...DRIVE, mounted: false, path: null };
  }

  async acknowledge() {
    this.#take('acknowledge');
  }

  async power(action: 'poweroff' | 'reboot') {
    this.#take('power', action);
  }

  journal({ after, limit }: { readonly after: number; readonly limit: number }) {
    this.#take('journal', { after, limit });
    const count = Math.min(limit, this.heads.value - after);
    return Array.from({ length: Math.max(0, count) }, (_, index) => JOURNAL_LINE(after + index + 1));
  }

  isSimulated = true;

  readonly sim = {
    insert: async (dir: string, label: string | null) => {
      this.#take('insert', dir, label);
      return { id: dir };
    },
    remove: async (dir: string | null) => this.#take('remove', dir),
    driveIn: async (dir: string) => {
      this.#take('driveIn', dir);
      return { id: null, adopted: false };
    },
    driveOut: async (dir: string) => this.#take('driveOut', dir),
    press: async () => this.#take('press'),
    hold: async (ms: number) => this.#take('hold', ms),
  };
}
