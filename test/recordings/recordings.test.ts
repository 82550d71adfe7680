import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readRecording } from '../../services/journal/recording.ts';
import { lightTrace, replay } from '../../services/replay.ts';
import type { LightLine } from '../../services/shapes.ts';
import { Box } from './box.ts';
import { STORIES } from './stories.ts';

const FOLDER = new URL('./v1/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');

describe.each(Object.keys(STORIES))('the recorded story %s', (name) => {
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

test('every recording in the folder belongs to a story', () => {
  const names = readdirSync(FOLDER).filter((name) => !name.endsWith('.trace.jsonl'));
  expect(names.sort()).toEqual(Object.keys(STORIES).map((name) => `${name}.jsonl`).sort());
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
    const golden = read(`${name}.trace.jsonl`).trimEnd().split('\n');
    const shown = (line: LightLine) => `${line.state} ${line.signal} ${line.code} ${line.leds.amber}`;
    expect(trace.map(shown)).toEqual(golden.map((line) => shown(JSON.parse(line) as LightLine)));
  } finally {
    box.remove();
  }
});
