import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCardReader } from '../../adapters/fs/card-reader.ts';
import { relativePath } from '../../machines/ids.ts';
import { Gate } from './gate.ts';

test('every question is a moment: those of a listing and of the files that a port gives, too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'imagetank-gate-'));
  try {
    writeFileSync(join(folder, 'a.jpg'), 'a');
    const calls: string[] = [];
    const gate = new Gate(async (moment, call) => void calls.push(`${moment} ${call}`));
    const cards = gate.through(createCardReader(), 'card');
    for await (const _ of cards.scan(folder));
    const handle = await cards.open(folder, { path: relativePath('a.jpg') });
    await handle.read(Buffer.alloc(1), 0);
    await handle.close();
    expect(calls).toEqual(['1 card.scan', '2 card.scan entry', '3 card.open', '4 card.open file.read']);
    expect(gate.moments).toBe(4);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what happens before a question can be its answer, and ports get back the very files that they gave', async () => {
  const own = { place: () => 'placed' };
  const got: unknown[] = [];
  const port = {
    create: async () => own,
    move: async (...args: unknown[]) => void got.push(...args),
    fail: async () => undefined,
  };
  const gate = new Gate(async (_, call) => {
    if (call === 'port.fail') throw new Error('pulled');
  });
  const behind = gate.through(port, 'port');
  const file = await behind.create();
  expect(file).not.toBe(own);
  await behind.move(file, [file], [{ file, to: 'x' }]);
  expect(got[0]).toBe(own);
  expect((got[1] as unknown[])[0]).toBe(own);
  expect((got[2] as { file: unknown }[])[0]?.file).toBe(own);
  await expect(behind.fail()).rejects.toThrow('pulled');
});
