import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { BackupPage, BoardAnswer, Me } from '../../adapters/http/answers.ts';
import { BackupStatus } from '../../services/shapes.ts';
import { statusText } from '../../services/status-text.ts';
import { HISTORY_LINE, ScriptedAppliance, STATUS, unknown } from '../cli/scripted-appliance.ts';
import { Desk, parse, parseProblem } from './kit.ts';
import { appliance, ask, desk, paired, serveTheNetworkEachTest } from './network.ts';

serveTheNetworkEachTest();

describe('GET me', () => {
  test.each(['owner', 'viewer'] as const)('says a device its name and that it is %s', async (role) => {
    const { bearer } = await paired(role, 'tablet');
    const id = desk.door.access.devices.find(({ name }) => name === 'tablet')?.id;
    expect(id).toMatch(/./);
    expect(parse(Me, await ask('/api/v1/me', { headers: bearer }))).toEqual({
      kind: 'device',
      id,
      name: 'tablet',
      role,
    });
  });

  test('on the box is the box, which may everything', async () => {
    expect(parse(Me, await desk.get('me'))).toEqual({
      kind: 'box',
      id: null,
      name: hostname(),
      role: 'owner',
    });
  });
});

test('GET status.txt has sentences', async () => {
  const { type, text } = await desk.get('status.txt');
  expect({ type, text }).toEqual({ type: 'text/plain; charset=utf-8', text: statusText(STATUS) });
});

describe('GET backups', () => {
  const line = (id: string) => ({ ...HISTORY_LINE, id });

  test('gives the newest first, page by page, until there is no more', async () => {
    appliance.historyLines = ['1', '2', '3', '4', '5'].map(line);
    const page = async (query: string) => parse(BackupPage, await desk.get(`backups?${query}`));
    expect(await page('limit=2')).toEqual({ backups: [line('5'), line('4')], next: '4' });
    expect(await page('limit=2&after=4')).toEqual({ backups: [line('3'), line('2')], next: '2' });
    expect(await page('limit=2&after=2')).toEqual({ backups: [line('1')], next: null });
    expect(await page('limit=5')).toMatchObject({ next: null });
    expect(await page('after=nothing')).toEqual({ backups: [], next: null });
    expect(await page('')).toMatchObject({ backups: { length: 5 }, next: null });
  });

  test('asks for no more than a page and one', async () => {
    await desk.get('backups');
    await desk.get('backups?limit=7&after=x');
    expect(appliance.asked).toEqual([
      ['history', { last: 51 }],
      ['history', { last: 8, before: 'x' }],
    ]);
  });

  test.each(['limit=0.5', 'limit=501', 'last=3', 'limit=0'])('?%s is refused', async (query) => {
    expect(parseProblem(await desk.get(`backups?${query}`))).toMatchObject({ status: 400 });
  });

  test('GET backups/ID is one as the status has it', async () => {
    expect(parse(BackupStatus, await desk.get('backups/20261121-57')).id).toBe('20261121-57');
    appliance.refusal = unknown('9');
    expect(parseProblem(await desk.get('backups/9'))).toMatchObject({ status: 404, exitCode: 66 });
  });
});

describe('GET board', () => {
  test('says what shines, and whether its button can be pressed from here', async () => {
    const { signal, code, leds } = STATUS;
    const lit = { signal, code, leds };
    expect(parse(BoardAnswer, await desk.get('board'))).toEqual({
      kind: 'none',
      simulated: true,
      ...lit,
      button: { canPress: true },
    });
    appliance.isSimulated = false;
    expect(parse(BoardAnswer, await desk.get('board'))).toMatchObject({
      simulated: false,
      button: { canPress: false },
    });
  });
});

describe('GET diagram', () => {
  const SVG = (machine: string) =>
    `<svg width="1">\n<g class="node">\n<title>${machine}.life</title>\n<path stroke="x"/></g></svg>`;
  const drawing = async (draw: (machine: string) => Promise<string>) => {
    const own = new ScriptedAppliance();
    own.states = ['appliance', 'appliance.life', 'backup.life'];
    const other = new Desk(own, { draw });
    await other.listen();
    return other;
  };

  test('is drawn once a chart, marked anew each time', async () => {
    const drawn: string[] = [];
    const other = await drawing(async (machine) => {
      drawn.push(machine);
      return SVG(machine);
    });
    const { type, text } = await other.get('diagram');
    expect(type).toBe('image/svg+xml');
    expect(text).toContain('aria-label="Now: life."');
    expect(await other.get('diagram?machine=appliance')).toMatchObject({ text });
    expect((await other.get('diagram?machine=backup')).text).toContain('<title>backup.life');
    expect(drawn).toEqual(['appliance', 'backup']);
    expect(parseProblem(await other.get('diagram?machine=moon')).status).toBe(400);
    await other.clear();
  });

  test('that could not be drawn is tried again', async () => {
    let fails = true;
    const other = await drawing(async (machine) => {
      if (fails) throw new Error('no room');
      return SVG(machine);
    });
    expect(parseProblem(await other.get('diagram'))).toMatchObject({
      status: 500,
      detail: expect.stringContaining('no room'),
    });
    fails = false;
    expect((await other.get('diagram')).status).toBe(200);
    await other.clear();
  });

  test('is not there where nothing draws', async () => {
    expect(parseProblem(await desk.get('diagram'))).toMatchObject({ status: 503, code: 'no-diagram' });
  });
});
