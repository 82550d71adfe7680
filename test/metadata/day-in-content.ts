import { readFile } from 'node:fs/promises';
import type { MetadataReader } from '../../services/media-ports.ts';

/** Photos of tests say their day at their beginning, `day:2026-11-21`, and were taken at noon. */
export function dayInContent(): MetadataReader {
  let stopped = false;
  const capture = async (path: string) => {
    const text = await readFile(path, 'latin1').catch(() => '');
    const day = /^day:(\S+)/.exec(text)?.[1];
    return stopped || day === undefined ? null : { at: `${day}T12:00:00` };
  };
  return {
    captures: (files) => Promise.all(files.map(({ path }) => capture(path))),
    stop: async () => {
      stopped = true;
    },
  };
}
