import { afterEach, beforeEach, expect, test } from 'vitest';
import { mergeLayers } from '../../services/config/layers.ts';
import { Settings, type SettingValues, settingsLayer } from '../../services/config/settings.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { type Answer, Desk, parseProblem, type Question } from './kit.ts';

const PATH = '/api/v1/settings';
const evaluate = (values: SettingValues) => mergeLayers([settingsLayer('settings.json', values)]);

let desk: Desk;
let port: number;
let values: SettingValues;
let told: string[];
let ended: number;

beforeEach(async () => {
  values = {};
  told = [];
  ended = 0;
  const running = evaluate({});
  if ('problems' in running) throw new Error('the defaults are refused');
  const settings = new Settings({
    ...{ running, evaluate },
    read: () => ({ file: 'settings.json', values }),
    write: async (next) => {
      values = next;
    },
    restart: async () => {
      ended += 1;
    },
    isBusy: () => told.includes('busy'),
    info: (text) => told.push(text),
  });
  desk = new Desk(new ScriptedAppliance(), { settings });
  await desk.listen();
  port = await desk.server.listenPort(0);
});
afterEach(() => desk.clear());

async function as(role: 'owner' | 'viewer', path: string, question: Question): Promise<Answer> {
  const { token } = await desk.door.access.admit({ role, name: `the ${role}` });
  return desk.ask(path, { ...question, port, headers: { authorization: `Bearer ${token}` } });
}

const change = (body: unknown): Question => ({ method: 'PATCH', body });

test('an owner changes some, and everybody who is paired reads them', async () => {
  const answer = await as('owner', PATH, change({ layout: 'mirror', copies: 2 }));
  expect(answer.status).toBe(200);
  const view = {
    settings: { layout: 'mirror', template: '', copies: 2, drives: [], day_starts: '00:00', auto: 'dcim' },
    sources: { layout: 'settings.json', copies: 'settings.json', auto: 'default' },
    ...{ locked: [], restart: 'service', pending: true },
  };
  expect(JSON.parse(answer.text)).toMatchObject(view);
  expect(JSON.parse((await as('viewer', PATH, {})).text)).toMatchObject(view);
  expect(told).toEqual(['settings changed by the owner: layout, copies']);
});

test('a viewer changes nothing and restarts nothing', async () => {
  for (const answer of [
    await as('viewer', PATH, change({ copies: 1 })),
    await as('viewer', '/api/v1/restart', { method: 'POST', body: { confirm: true } }),
  ]) {
    expect(parseProblem(answer)).toMatchObject({ status: 403, code: 'viewer-only-reads' });
  }
  expect({ values, ended }).toEqual({ values: {}, ended: 0 });
});

test.each([
  ['what is no setting', { port: 8080 }, 'bad-request', 'port'],
  ['what the page may not open', { inbox: false }, 'bad-request', 'inbox'],
  ['a bad value', { copies: 0 }, 'bad-setting', 'copies'],
  ['a list', [], 'bad-request', ''],
])('%s is 400 and changes nothing', async (_what, body, code, word) => {
  const problem = parseProblem(await as('owner', PATH, change(body)));
  expect(problem).toMatchObject({ status: 400, code, detail: expect.stringContaining(word) });
  expect(values).toEqual({});
});

test('a restart wants to be confirmed, and waits for nothing that is under way', async () => {
  const restart = (body: unknown) => as('owner', '/api/v1/restart', { method: 'POST', body });
  expect(parseProblem(await restart({}))).toMatchObject({ status: 400 });
  expect(parseProblem(await restart({ confirm: false }))).toMatchObject({ status: 400 });
  told.push('busy');
  expect(parseProblem(await restart({ confirm: true }))).toMatchObject({ status: 503, code: 'busy' });
  told.length = 0;
  expect(ended).toBe(0);
  expect(JSON.parse((await restart({ confirm: true })).text)).toEqual({ ok: true });
  expect(ended).toBe(1);
});
