import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fillCatalogue, filledPhoto } from './catalogue-fill.ts';
import { BenchDaemon } from './daemon.ts';
import { type LibraryResult, libraryOf } from './library-figures.ts';
import { DRIVE, type LibraryTimes } from './library-questions.ts';
import { residentBytes, run } from './processes.ts';

/** Beside this file once it is bundled into `.build/`. */
const CHILD = fileURLToPath(new URL('./library-child.js', import.meta.url));
const OPENINGS = 5;
const ROUNDS = 200;
const ASKED_OF_DAEMON = 20;

/** How soon a library of so many photos answers, and what a daemon with it costs. */
export async function measureLibrary(
  root: string,
  photos: number,
  say: (text: string) => void,
): Promise<LibraryResult> {
  const state = join(root, 'library');
  mkdirSync(state);
  await fillCatalogue(state, DRIVE, photos);
  say(`library: ${photos} photos`);
  const children: { readonly openMs: number; readonly times: LibraryTimes }[] = [];
  for (let opening = 0; opening < OPENINGS; opening += 1) {
    const { out } = await run(process.execPath, [CHILD, state, String(photos), String(ROUNDS)]);
    children.push(JSON.parse(out) as (typeof children)[number]);
  }
  const openMs = children.map((child) => child.openMs);
  return libraryOf({ photos, openMs, times: together(children), ...(await ofDaemon(state, photos)) });
}

function together(children: readonly { readonly times: LibraryTimes }[]): LibraryTimes {
  const names = Object.keys(children[0]?.times ?? {});
  return Object.fromEntries(names.map((name) => [name, children.flatMap(({ times }) => times[name] ?? [])]));
}

async function ofDaemon(state: string, photos: number) {
  const daemon = await BenchDaemon.start(state, { probe: false });
  try {
    for (let asked = 0; asked < ASKED_OF_DAEMON; asked += 1) {
      const { to } = filledPhoto(Math.floor((asked * photos) / ASKED_OF_DAEMON));
      await daemon.command('explain', to, '--json');
    }
    return { startToReadyMs: daemon.startToReadyMs, rssBytes: residentBytes(daemon.pid, 'VmHWM') };
  } finally {
    await daemon.stop();
  }
}
