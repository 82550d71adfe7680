import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { atWrite, BAD_CABLE, Box, pressed, until } from './box.ts';

/** A recorded story: tells it on a real composition and leaves the journal in `box.store`. */
export type Story = (box: Box) => Promise<void>;

const SMALL = { 'IMG_0001.JPG': 100_000, 'IMG_0002.JPG': 200_000 };
const SEVERAL = { 'IMG_0001.JPG': 900_000, 'IMG_0002.JPG': 900_000, 'IMG_0003.JPG': 900_000 };

/** Sentence of the story → how it is told. Real files, real journal; faults are injected around real ports. */
export const STORIES: Readonly<Record<string, Story>> = {
  'plain-backup': async (box) => {
    const running = await box.start(box.drive('drive'));
    await running.control.sim.insert(box.card('A', SMALL), null);
    await until(running, 'copying');
    await until(running, 'ready');
    await running.control.sim.remove(null);
  },
  'library-index': async (box) => {
    const drive = box.drive('drive');
    cpSync(box.card('A', SMALL), `${drive}/old`, { recursive: true, preserveTimestamps: true });
    const running = await box.start(drive);
    for await (const message of running.control.index(`${drive}/old`)) {
      if ('result' in message && message.result.indexed !== 2) throw new Error('a photo was not indexed');
    }
    await running.control.sim.insert(`${box.root}/A`, null);
    await until(running, 'copying');
    await until(running, 'ready');
  },
  'phone-let-in-by-the-button': async (box) => {
    const running = await box.start(box.drive('drive'));
    await until(running, 'ready');
    await pressed(running, box, 3);
    const answer = await running.access.pair({ code: null, address: '10.0.0.1', name: 'phone' });
    if (answer.type !== 'paired') throw new Error(answer.type);
    await running.access.unpair(answer.device.id);
  },
  'two-cards': async (box) => {
    const running = await box.start(box.drive('drive'));
    await running.control.sim.insert(box.card('A', SMALL), null);
    await running.control.sim.insert(box.card('B', SEVERAL), null);
    await until(running, 'copying');
    await until(running, 'ready');
  },
  'card-pulled-in-mid-copy': async (box) => {
    const running = await box.start(
      box.drive('drive'),
      atWrite(2, () => running.control.sim.remove(null)),
    );
    const card = box.card('A', SEVERAL);
    await running.control.sim.insert(card, null);
    await until(running, 'error');
    await running.control.sim.insert(card, null);
    await until(running, 'ready');
  },
  'drive-full': async (box) => {
    const drive = box.drive('drive');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', drive]);
    try {
      const running = await box.start(drive);
      await running.control.sim.insert(box.card('A', SEVERAL), null);
      await until(running, 'error');
      await running.control.acknowledge();
      await until(running, 'attention');
      await box.stop();
    } finally {
      execFileSync('umount', [drive]);
    }
  },
  'verify-mismatch': async (box) => {
    const running = await box.start(box.drive('drive'), BAD_CABLE);
    await running.control.sim.insert(box.card('A', SMALL), null);
    await until(running, 'error');
  },
  'no-drive': async (box) => {
    const running = await box.start(null);
    await running.control.sim.insert(box.card('A', SMALL), null);
    await until(running, 'error');
    await running.control.adopt(box.drive('drive'), false);
    await until(running, 'ready');
  },
  'power-cut-and-resume': async (box) => {
    const drive = box.drive('drive');
    const card = box.card('A', SEVERAL);
    const first = await box.start(
      drive,
      atWrite(3, async () => box.powerCut()),
    );
    await first.control.sim.insert(card, null);
    await until(first, 'copying');
    await until(first, 'ready');
    await box.afterPowerCut();
    const second = await box.start(drive);
    await until(second, 'ready');
  },
  'shutdown-while-copying': async (box) => {
    const running = await box.start(
      box.drive('drive'),
      atWrite(2, () => running.control.power('poweroff')),
    );
    await running.control.sim.insert(box.card('A', SEVERAL), null);
    await box.ended();
  },
  'button-acknowledges-and-shuts-down': async (box) => {
    const running = await box.start(null);
    await running.control.sim.insert(box.card('A', SMALL), null);
    await until(running, 'error');
    await running.control.sim.press();
    await until(running, 'attention');
    await running.control.sim.hold(2200);
    await box.ended();
  },
  'bad-copy-found-by-verify': async (box) => {
    const drive = box.drive('drive');
    const running = await box.start(drive);
    await running.control.sim.insert(box.card('A', SMALL), null);
    await until(running, 'copying');
    await until(running, 'ready');
    execFileSync('sh', ['-c', 'for f in $(find "$1/Photos" -name "*.JPG"); do echo x >> "$f"; done', 'sh', drive]);
    for await (const _ of running.control.verify(null)) continue;
    await until(running, 'attention');
    await running.control.sim.press();
    await until(running, 'copying');
    await until(running, 'ready');
  },
};
