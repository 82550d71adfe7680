import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KILLED_AT } from '../calls.ts';
import { AT_ONCE, play } from '../campaign.ts';
import { contentNamed } from '../card.ts';
import {
  hashOf,
  judgeLeftovers,
  judgeManifests,
  judgeSettled,
  type Note,
  readJournal,
  type Tree,
  treeOf,
} from '../judge.ts';
import { type Film, Phone } from '../phone.ts';
import { BUNDLE, type Ended, type Order, run, runKilled, runTraced, whyNoStrace } from '../program.ts';
import { brokenPromises } from '../promises.ts';
import { spread } from '../random.ts';
import { type Harm, Score, type Stage, skipped } from '../stage.ts';
import { HELD, type SystemCall } from '../trace.ts';
import { rawTree } from '../upload-verdict.ts';
import { driveIdOf } from '../verdict.ts';

const DRIVE = 'drive';
const SHORT_POINTS = 16;
const LETS_GO = /^(open|openat|close)$/;
/** What lies in `.imagetank/uploads`, and that folder itself. */
const STAGED = /uploads(\/|$)|\/[0-9a-f-]{36}\.(part|json|new)$/;
/** A block of `pouring.ts` and more; one that comes in one piece; one without bytes is told as soon as it is begun. */
const FILMS: readonly Film[] = [
  { name: 'IMG_0001.JPG', content: contentNamed('in pieces', 700_000), pieces: [90_000, 400_000] },
  { name: 'IMG_0001.JPG', content: contentNamed('of the same name', 30_000), pieces: [] },
  { name: 'IMG_0002.JPG', content: contentNamed('two pieces', 5000), pieces: [4096] },
];
const KNOWN = new Map(FILMS.map((film) => [hashOf(film.content), film]));
/** What the library has under a name that an upload wants. */
const FOREIGN = 'Photos/2026/2026-11-01/IMG_0001.JPG';

/** Killed as it begins one of its system calls while a phone sends to it. */
export const stage: Stage = {
  name: 'tus',
  run: async ({ full, seed, print }) => {
    const why = whyNoStrace();
    if (why !== null) return skipped(why);
    const score = new Score(print);
    const scenes = Array.from({ length: AT_ONCE }, () => new PhoneScene());
    try {
      for (const scene of scenes) await scene.prepare();
      const points = await seen(scenes[0] as PhoneScene, score);
      const chosen = full ? points : sample(points, seed);
      await play({ scenes }, chosen, (point, scene) => tryPoint(point, scene, score), print);
    } finally {
      for (const scene of scenes) scene.remove();
    }
    return score.figures();
  },
};

/** A place where the phone can send its films again and again. */
class PhoneScene {
  readonly story = { name: 'a phone' };
  readonly #all = mkdtempSync(join(BUNDLE, 'tus-'));
  readonly root = join(this.#all, 'now');
  readonly drive = join(this.root, DRIVE);
  readonly state = join(this.root, 'state');
  readonly socket = join(this.root, 'socket');

  async prepare(): Promise<void> {
    mkdirSync(join(this.drive, 'Photos/2026/2026-11-01'), { recursive: true });
    writeFileSync(join(this.drive, FOREIGN), 'foreign');
    // Adopted before, for that is no part of the story.
    this.stop();
    const { words, errors } = await run(this.order(0));
    if (words?.light !== 'ready') throw new Error(`the run before the story failed: ${errors}`);
    execFileSync('cp', ['-a', this.root, join(this.#all, 'prepared')]);
  }

  order(boot: number): Order {
    return { program: 'tus-driver', root: this.root, times: `boot ${boot}`, drives: [DRIVE] };
  }

  /** The daemon ends when all is in the library. */
  stop(): void {
    writeFileSync(join(this.root, 'stop'), '');
  }

  goOn(): void {
    rmSync(join(this.root, 'stop'), { force: true });
  }

  reset(): void {
    rmSync(this.root, { recursive: true });
    execFileSync('cp', ['-a', join(this.#all, 'prepared'), this.root]);
    this.goOn();
  }

  remove(): void {
    rmSync(this.#all, { recursive: true, force: true });
  }

  phone(note: Note): Phone {
    const hasArrived = ({ content }: Film) => this.arrived().some(([, hash]) => hash === hashOf(content));
    return new Phone(this.socket, FILMS, hasArrived, note);
  }

  /** Path and hash of all in the library. */
  photos(): Tree {
    return treeOf(this.drive, ['Photos']);
  }

  /** The same of all that was moved into the inbox, wherever it is now. */
  arrived(): readonly (readonly [path: string, hash: string])[] {
    const waiting = ['inbox', '.imagetank/taken'].flatMap((folder) => [...rawTree(join(this.drive, folder))]);
    return [...waiting, ...this.photos()];
  }
}

/** A run, and a phone that sends while it goes on. */
async function playedWith<Result extends Ended>(
  scene: PhoneScene,
  phone: Phone,
  running: Promise<Result>,
  note: Note,
): Promise<Result> {
  let hasEnded = false;
  const ended = running.finally(() => {
    hasEnded = true;
  });
  // What it says when it is killed is not asked before the end.
  ended.catch(() => undefined);
  const look = async () => {
    // The library only grows: what is missing after a green light was missing before it.
    if ((await phone.signal()) === 'ready') judgeGreen(scene, phone, note);
  };
  if (await phone.sendAll(() => hasEnded, look)) {
    scene.stop();
    while (!hasEnded) await look().catch(() => new Promise((resolve) => setTimeout(resolve, 5)));
  }
  return ended;
}

async function seen(scene: PhoneScene, score: Score): Promise<readonly SystemCall[]> {
  scene.reset();
  const note: Note = (harm, text) => {
    throw new Error(`a run without faults: ${harm} ${text}`);
  };
  const phone = scene.phone(note);
  const traced = runTraced(scene.order(1), KILLED_AT);
  const { words, errors, calls } = await playedWith(scene, phone, traced, note);
  if (words?.light !== 'ready') throw new Error(`a run without faults is not green: ${errors}`);
  await judgeEnd(scene, note, 'nothing');
  // A kill leaves what was written: what a power cut would leave is told by the order of the calls.
  for (const broken of brokenPromises(calls)) score.note('lost', broken);
  return calls.filter(
    ({ path, first }) => first && (path.startsWith(`${scene.root}/`) || path.startsWith(HELD)),
  );
}

/** Mostly what changes names and bytes of the first film, which goes every way there is. */
function sample(points: readonly SystemCall[], seed: number): readonly SystemCall[] {
  const most = Math.ceil((SHORT_POINTS * 4) / 5);
  const changes = points.filter(
    ({ name, path }) => !LETS_GO.test(name) && (STAGED.test(path) || name === 'link'),
  );
  const end = changes.findIndex(({ name, path }) => name === 'fsync' && path.endsWith('/uploads')) + 1;
  const others = points.filter((point) => !changes.slice(0, end).includes(point));
  return [...spread(changes.slice(0, end), most, seed), ...spread(others, SHORT_POINTS - most, seed)];
}

async function tryPoint({ name, count, path }: SystemCall, scene: PhoneScene, score: Score): Promise<void> {
  const note = (harm: Harm, text: string) => score.note(harm, `${name} #${count} (${path}): ${text}`);
  const phone = scene.phone(note);
  try {
    const killed = await playedWith(scene, phone, runKilled(scene.order(1), name, count), note);
    if (killed.hung) note('wrong', 'hung');
    if (killed.signal === 'SIGKILL') score.tried();
    judgeMoment(scene, phone, note);
    scene.goOn();
    const again = await playedWith(scene, phone, run(scene.order(2)), note);
    if (again.code !== 0 || again.words?.light !== 'ready')
      note(
        'wrong',
        `started again it ended with ${again.code}, ${JSON.stringify(again.words)}: ${again.errors}`,
      );
    if (phone.whole.length < FILMS.length) note('lost', 'the phone could not send all');
    await judgeEnd(scene, note, 'what was begun');
  } catch (error) {
    note('wrong', String(error));
  }
}

/** The moment after: what was told as whole lies somewhere, and half a film nowhere but where it is staged. */
function judgeMoment(scene: PhoneScene, phone: Phone, note: Note): void {
  const arrived = scene.arrived();
  const anywhere = new Set(arrived.map(([, hash]) => hash));
  for (const { name, content } of phone.whole)
    if (!anywhere.has(hashOf(content))) note('lost', `${name}: told as whole`);
  for (const [path, hash] of arrived)
    if (path !== FOREIGN && !KNOWN.has(hash)) note('wrong', `${path} is no film of the phone`);
  judgePhotos(scene, note);
}

function judgeGreen(scene: PhoneScene, phone: Phone, note: Note): void {
  const there = new Set(scene.photos().values());
  for (const { name, content } of phone.whole)
    if (!there.has(hashOf(content)))
      note('lost', `${name}: told as whole, the light is green, not in the library`);
}

function judgePhotos(scene: PhoneScene, note: Note): void {
  const placed = new Map<string, string>();
  for (const [path, hash] of scene.photos()) {
    if (path === FOREIGN) continue;
    if (!KNOWN.has(hash)) note('wrong', `${path} is no film of the phone`);
    const twin = placed.get(hash);
    if (twin !== undefined) note('doubled', `${path} is ${twin}`);
    placed.set(hash, path);
  }
  if (readFileSync(join(scene.drive, FOREIGN), 'utf8') !== 'foreign') note('lost', FOREIGN);
}

/** Everything is in the library once, and nothing is left behind but what the phone was not told that it has begun. */
async function judgeEnd(
  scene: PhoneScene,
  note: Note,
  mayBeLeft: 'nothing' | 'what was begun',
): Promise<void> {
  judgePhotos(scene, note);
  const photos = scene.photos();
  const there = new Set(photos.values());
  for (const [hash, { name }] of KNOWN) if (!there.has(hash)) note('lost', `${name} is not in the library`);
  for (const path of rawTree(join(scene.drive, 'inbox')).keys()) note('wrong', `inbox/${path} is left`);
  const staged = rawTree(join(scene.drive, '.imagetank/uploads'));
  for (const path of staged.keys()) {
    const isBegun = staged.get(path.replace(/json$/, 'part')) === hashOf(new Uint8Array(0));
    if (!isBegun || mayBeLeft === 'nothing') note('wrong', `uploads/${path} is left`);
  }
  judgeLeftovers(scene.drive, note);
  if (existsSync(join(scene.state, 'journal.db')))
    judgeSettled(driveIdOf(scene.drive), photos, readJournal(scene.state).facts, note);
  await judgeManifests(scene.drive, new Map([...photos].filter(([path]) => path !== FOREIGN)), note);
}
