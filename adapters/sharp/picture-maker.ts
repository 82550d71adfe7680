import { rm } from 'node:fs/promises';
import type { PictureMaker, PictureOutcome, PictureSource } from '../../services/pictures/ports.ts';
import type { OpenWorker } from '../../services/worker-ports.ts';
import { betweenOf, isPictureAnswer, type PictureRequest } from './messages.ts';

/** Two tools of 20 s, and half of that for sharp; a large JPEG takes a second on a Pi Zero. */
const LIMITS = { timeoutMs: 50_000, maxMemoryMb: 384, startMs: 30_000, idleMs: 30_000 };

export interface PictureMakerOptions extends Partial<typeof LIMITS> {
  readonly open: OpenWorker;
  /** `.build/picture-worker.js`, beside the daemon. */
  readonly workerPath: string;
}

/** By sharp, exiftool, heif-thumbnailer and ffmpegthumbnailer, in a child process that is killed when it hangs or grows. */
export function createPictureMaker({ open, ...options }: PictureMakerOptions): PictureMaker {
  const worker = open({ ...LIMITS, ...options });
  let last: Promise<unknown> = Promise.resolve();
  let lastId = 0;
  let stopped = false;
  /** How often there was an interruption: what was asked for before one is not begun after it. */
  let round = 0;

  const ask = async (
    source: PictureSource,
    edge: number,
    into: string,
    asked: number,
  ): Promise<PictureOutcome> => {
    if (stopped || asked !== round) return 'failed';
    lastId += 1;
    const request: PictureRequest = { ...source, id: lastId, edge, into };
    let drawn = 'failed' as PictureOutcome;
    const outcome = await worker.ask(request, (message) => {
      if (!isPictureAnswer(message, request.id)) return 'alien';
      drawn = message.outcome;
      return 'last';
    });
    const answer = outcome === 'answered' ? drawn : 'failed';
    if (answer === 'made') return answer;
    for (const left of [into, betweenOf(into)]) await rm(left, { force: true });
    return answer;
  };

  return {
    make(source, edge, into) {
      // `fork` itself throws when the machine is out of processes.
      const asked = round;
      const mine = last.then(() => ask(source, edge, into, asked)).catch(() => 'failed' as const);
      last = mine;
      return mine;
    },
    async interrupt() {
      round += 1;
      await worker.end();
    },
    async stop() {
      stopped = true;
      await worker.end();
      await last;
    },
  };
}
