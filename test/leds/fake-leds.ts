import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LedFiles, ledFiles } from '../../adapters/leds/led-files.ts';

const DEFAULT_TRIGGERS = ['none', 'mmc0', 'timer', 'heartbeat', 'default-on', 'pattern'];

/** Files of each trigger, with what they hold when it is chosen. */
const FILES_OF: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  timer: [
    ['delay_on', '500'],
    ['delay_off', '500'],
  ],
  pattern: [
    ['pattern', ''],
    ['repeat', '-1'],
  ],
};

export interface Write {
  readonly led: string;
  readonly file: string;
  readonly text: string;
  /** Done before the call returned. */
  readonly now: boolean;
}

/** A folder that behaves like /sys/class/leds as far as the kernel's led-class.c does, and remembers what was written. */
export async function fakeLeds(names: readonly string[], triggers = DEFAULT_TRIGGERS, maxBrightness = 1) {
  const root = await mkdtemp(join(tmpdir(), 'imagetank-leds-'));
  const path = (led: string, file: string) => join(root, led, file);
  for (const led of names) {
    await mkdir(join(root, led));
    await writeFile(path(led, 'brightness'), '0');
    await writeFile(path(led, 'max_brightness'), `${maxBrightness}\n`);
    await writeFile(path(led, 'trigger'), `${bracketed(triggers, 'none')}\n`);
  }
  const real = ledFiles(root);
  const writes: Write[] = [];
  /** Thrown instead of writing. */
  const faults = new Map<string, Error>();
  let hold: Promise<void> = Promise.resolve();

  const check = (led: string, file: string) => {
    const fault = faults.get(`${led} ${file}`) ?? faults.get(led) ?? faults.get(file);
    if (fault !== undefined) throw fault;
  };
  const choose = async (led: string, trigger: string) => {
    if (!triggers.includes(trigger)) throw Object.assign(new Error('EINVAL: write'), { code: 'EINVAL' });
    for (const [file] of Object.values(FILES_OF).flat()) await rm(path(led, file), { force: true });
    for (const [file, text] of FILES_OF[trigger] ?? []) await writeFile(path(led, file), text);
    await writeFile(path(led, 'trigger'), bracketed(triggers, trigger));
    await writeFile(path(led, 'brightness'), '0');
  };
  const files: LedFiles = {
    names: real.names,
    read: real.read,
    async write(led, file, text) {
      await hold;
      writes.push({ led, file, text, now: false });
      check(led, file);
      if (file === 'trigger') return choose(led, text);
      if (file === 'brightness' && text === '0') await choose(led, 'none');
      await real.write(led, file, text);
    },
    writeNow(led, file, text) {
      writes.push({ led, file, text, now: true });
      check(led, file);
      real.writeNow(led, file, text);
    },
  };
  return {
    root,
    files,
    writes,
    faults,
    /** From here on asynchronous writes wait, as when Node's threads are all stuck behind a dying drive. */
    holdUp: () => {
      let go = (): void => undefined;
      hold = new Promise((resolve) => {
        go = resolve;
      });
      return go;
    },
    read: async (led: string, file: string) => (await readFile(path(led, file), 'utf8')).trim(),
    trigger: async (led: string) =>
      /\[(.*)\]/.exec(await readFile(path(led, 'trigger'), 'utf8'))?.[1] ?? null,
    /** Steadily lit; a file that is being written is empty for a moment. */
    lit: async (led: string) => !['', '0'].includes((await readFile(path(led, 'brightness'), 'utf8')).trim()),
    set: (led: string, trigger: string) => writeFile(path(led, 'trigger'), bracketed(triggers, trigger)),
    lock: (led: string, file: string) => chmod(path(led, file), 0o444),
    remove: () => rm(root, { recursive: true }),
  };
}

const bracketed = (all: readonly string[], chosen: string) =>
  all.map((name) => (name === chosen ? `[${name}]` : name)).join(' ');
