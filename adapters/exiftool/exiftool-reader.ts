import { accessSync, constants } from 'node:fs';
import type { Capture } from '../../machines/media.ts';
import { messageOf } from '../../services/errors.ts';
import type { MediaFile, MetadataReader } from '../../services/media-ports.ts';
import { captureOfAnswer } from './answer.ts';
import { type ExiftoolOptions, ExiftoolProcess } from './exiftool-process.ts';
import { questionOf } from './question.ts';

/** Where Debian's package `libimage-exiftool-perl` puts it. */
const PROGRAM = '/usr/bin/exiftool';
/** The system's tools, and never what somebody's PATH puts before them. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** Questions, more at once than backups could ask: then something does not wait for its answers. */
const MAX_WAITING = 256;

/** Of one question: after so many files in a row that cost their whole deadline the others go by their time. */
const MAX_HUNG_IN_A_ROW = 8;

export interface ExiftoolReaderOptions extends Partial<ExiftoolOptions> {
  /** Why it reads nothing; told once. */
  readonly warn: (text: string) => void;
}

/**
 * Reads what exifr cannot or must not: CR3, RAF, ORF and their like, HEIC, video. Where exiftool is not installed
 * everything is null; it is looked for again with each question.
 */
export function createExiftoolReader(options: ExiftoolReaderOptions): MetadataReader {
  const { warn, program = PROGRAM, timeoutMs = 5000, startMs = 30_000 } = options;
  const { maxMemoryMb = 256, idleMs = 30_000, path = PATH } = options;
  const exiftool = new ExiftoolProcess({ program, timeoutMs, startMs, maxMemoryMb, path, idleMs });
  let waiting = 0;
  let stopped = false;
  let told = false;

  const tell = (why: string): void => {
    if (!told && !stopped)
      warn(`${why}: HEIC, CR3 and other raw files, and videos go by the time of the file`);
    told = true;
  };

  const capture = async (file: MediaFile): Promise<Capture | null> => {
    const question = questionOf(file);
    if (question === null) return null;
    try {
      const answer = await exiftool.ask(question);
      return answer === null ? null : captureOfAnswer(answer, file.path);
    } catch (error) {
      // No backup fails over a date.
      tell(`exiftool: ${messageOf(error)}`);
      return null;
    }
  };

  const captures = async (files: readonly MediaFile[]): Promise<readonly (Capture | null)[]> => {
    if (stopped || files.length === 0 || waiting >= MAX_WAITING) return files.map(() => null);
    if (!isProgram(program)) {
      tell('exiftool is missing (sudo apt install libimage-exiftool-perl)');
      return files.map(() => null);
    }
    waiting += 1;
    try {
      const found: (Capture | null)[] = [];
      let hung = 0;
      for (const file of files) {
        // Whoever pulls the card waits for the end of this: 256 such files would take twenty minutes.
        if (hung === MAX_HUNG_IN_A_ROW) return files.map((_, at) => found[at] ?? null);
        const began = performance.now();
        found.push(await capture(file));
        hung = performance.now() - began < timeoutMs ? 0 : hung + 1;
      }
      if (exiftool.isBroken) tell(`exiftool does not start (try: ${program} -ver)`);
      return found;
    } finally {
      waiting -= 1;
    }
  };

  const stop = async (): Promise<void> => {
    stopped = true;
    await exiftool.end();
  };

  return { captures, stop };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
