import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readRecording } from '../../services/journal/recording.ts';
import { FACT_VERSION } from '../../services/journal/upcasters.ts';
import { lightTrace, replay } from '../../services/replay.ts';
import type { LightLine } from '../../services/shapes.ts';
import { Box } from './box.ts';
import { STORIES } from './stories.ts';

/** Journals of earlier versions stay as they were written: they are the test of the upcasters. */
const VERSIONS = Array.from({ length: FACT_VERSION }, (_, at) => `v${at + 1}`);
const folder = (version: string) => new URL(`./${version}/`, import.meta.url);
const recorded = (version: string) =>
  readdirSync(folder(version))
    .filter((name) => !name.endsWith('.trace.jsonl'))
    .map((name) => name.replace('.jsonl', ''));
const every = VERSIONS.flatMap((version) => recorded(version).map((name) => ({ version, name })));

describe.each(every)('the story $name of $version', ({ version, name }) => {
  const read = (file: string) => readFileSync(new URL(file, folder(version)), 'utf8');

  test('is a whole chain and replays to its trace', () => {
    const { records, torn } = readRecording(read(`${name}.jsonl`));
    expect(torn).toBe(false);
    const trace = [...lightTrace(records)].map((line) => JSON.stringify(line));
    expect(trace.join('\n')).toBe(read(`${name}.trace.jsonl`).trimEnd());
  });

  test('starts only backups that the recording then speaks of, and ends each', () => {
    const steps = [...replay(readRecording(read(`${name}.jsonl`)).records)];
    const started = steps.flatMap(({ commands }) =>
      commands.flatMap((command) => (command.type === 'backup.start' ? [command.backupId] : [])),
    );
    const spoken = steps.flatMap(({ record: { fact } }) => ('backupId' in fact && fact.backupId !== null ? [fact.backupId] : []));
    expect([...new Set(spoken)].sort()).toEqual([...started].sort());
    expect(steps.at(-1)?.state.backups.size).toBe(0);
  });
});

test('every story is recorded in the present version, and nothing else', () => {
  expect(recorded(`v${FACT_VERSION}`).sort()).toEqual(Object.keys(STORIES).sort());
});

test.each([
  'plain-backup',
  'card-pulled-in-mid-copy',
  'power-cut-and-resume',
  'shutdown-while-copying',
  'verify-mismatch',
])('a real run of %s replays to the lights that it showed, in the order of the recording', async (name) => {
  const box = new Box();
  try {
    await STORIES[name]?.(box);
    await box.stop();
    const exported = [...(box.store?.log.lines() ?? [])].join('\n');
    const trace = [...lightTrace(readRecording(`${exported}\n`).records)];
    // A power cut takes back what the first run showed after it.
    if (name !== 'power-cut-and-resume') expect(trace).toEqual(box.lines);
    const golden = readFileSync(new URL(`${name}.trace.jsonl`, folder(`v${FACT_VERSION}`)), 'utf8')
     .trimEnd().split('\n');
    const shown = (line: LightLine) => `${line.state} ${line.signal} ${line.code} ${line.leds.amber}`;
    expect(trace.map(shown)).toEqual(golden.map((line) => shown(JSON.parse(line) as LightLine)));
  } finally {
    box.remove();
  }
});
