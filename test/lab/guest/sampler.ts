import { readFileSync } from 'node:fs';
import { count, type Edge, type Handler, list, nowMs, text } from './protocol.ts';

const MAX_EDGES = 100_000;

interface Sampling {
  readonly edges: Edge[];
  readonly timer: NodeJS.Timeout;
}

/** Reads the lines of the simulated chip again and again, inside the guest: only its own clock is fair to a blink. */
export function sampler(chip = '/run/lab-gpio'): Readonly<Record<string, Handler>> {
  const running = new Map<string, Sampling>();
  const readLine = (line: number): 0 | 1 =>
    readFileSync(`${chip}/sim_gpio${line}/value`, 'latin1').startsWith('1') ? 1 : 0;
  return {
    sampleStart: (message) => {
      const lines = list(message, 'lines').map(Number);
      const edges: Edge[] = [];
      const last = new Map<number, number>();
      const look = (): void => {
        for (const line of lines) {
          const value = readLine(line);
          if (value === last.get(line) || edges.length >= MAX_EDGES) continue;
          last.set(line, value);
          edges.push({ line, value, atMs: nowMs() });
        }
      };
      look();
      running.set(text(message, 'tag'), { edges, timer: setInterval(look, count(message, 'everyMs', 5)) });
    },
    sampleStop: (message) => {
      const tag = text(message, 'tag');
      const sampling = running.get(tag);
      if (sampling === undefined) throw new Error(`no sampling ${tag}`);
      clearInterval(sampling.timer);
      running.delete(tag);
      return { edges: sampling.edges, endMs: nowMs() };
    },
    levels: (message) => list(message, 'lines').map((line) => readLine(Number(line))),
  };
}
