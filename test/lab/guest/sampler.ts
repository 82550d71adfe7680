import { Buffer } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import { count, type Edge, type Handler, list, nowMs, text } from './protocol.ts';

const ONE = '1'.charCodeAt(0);
const MAX_EDGES = 100_000;

interface Sampling {
  readonly files: readonly number[];
  readonly edges: Edge[];
  readonly timer: NodeJS.Timeout;
}

/** Reads the lines of the simulated chip again and again, inside the guest: only its own clock is fair to a blink. */
export function sampler(chip = '/run/lab-gpio'): Readonly<Record<string, Handler>> {
  const running = new Map<string, Sampling>();
  const openLine = (line: number): number => openSync(`${chip}/sim_gpio${line}/value`, 'r');
  const byte = Buffer.alloc(1);
  const levelOf = (file: number): 0 | 1 => {
    // From its beginning: sysfs asks the chip anew. Four calls less than opening it each time, of a slow processor.
    readSync(file, byte, 0, 1, 0);
    return byte[0] === ONE ? 1 : 0;
  };
  const readLine = (line: number): 0 | 1 => {
    const file = openLine(line);
    try {
      return levelOf(file);
    } finally {
      closeSync(file);
    }
  };
  return {
    sampleStart: (message) => {
      const lines = list(message, 'lines').map(Number);
      const files = lines.map(openLine);
      const edges: Edge[] = [];
      const last = new Map<number, number>();
      const look = (): void => {
        for (const [at, line] of lines.entries()) {
          const value = levelOf(files[at] ?? -1);
          if (value === last.get(line) || edges.length >= MAX_EDGES) continue;
          last.set(line, value);
          edges.push({ line, value, atMs: nowMs() });
        }
      };
      look();
      running.set(text(message, 'tag'), {
        files,
        edges,
        timer: setInterval(look, count(message, 'everyMs', 5)),
      });
    },
    sampleStop: (message) => {
      const tag = text(message, 'tag');
      const sampling = running.get(tag);
      if (sampling === undefined) throw new Error(`no sampling ${tag}`);
      clearInterval(sampling.timer);
      for (const file of sampling.files) closeSync(file);
      running.delete(tag);
      return { edges: sampling.edges, endMs: nowMs() };
    },
    levels: (message) => list(message, 'lines').map((line) => readLine(Number(line))),
  };
}
