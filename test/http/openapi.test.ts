import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { Api, type Operation } from '../../adapters/http/api.ts';
import { addRoutes, createApp } from '../../adapters/http/app.ts';
import { Downloads } from '../../adapters/http/downloads.ts';
import { Live } from '../../adapters/http/live.ts';
import { type OpenApi, openApi } from '../../adapters/http/openapi.ts';
import type { Gallery } from '../../adapters/http/picture-routes.ts';
import { type JsonSchema, Shapes } from '../../adapters/http/shapes.ts';
import { Streams } from '../../adapters/http/streams.ts';
import { UPLOAD_TYPE } from '../../adapters/http/upload-paths.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Settings } from '../../services/config/settings.ts';
import { Status } from '../../services/shapes.ts';
import type { Uploads } from '../../services/uploads/uploads.ts';
import { Doorman } from '../access/kit.ts';
import { ScriptedAppliance, STATUS } from '../cli/scripted-appliance.ts';
import { Desk, deaf } from './kit.ts';

/** What no route asks before it is itself asked. */
const unasked = <Part>() => ({}) as Part;
/** All that a server may be without: each brings routes. */
const everything = {
  gallery: unasked<Gallery>(),
  settings: unasked<Settings>(),
  uploads: unasked<Uploads>(),
};

let served: OpenApi;
let desk: Desk;
/** Method and path as fastify knows them. */
const known: string[] = [];

beforeEach(async () => {
  desk = new Desk(new ScriptedAppliance(), everything);
  await desk.listen();
});
afterEach(() => desk.clear());

beforeAll(async () => {
  const app = createApp(deaf);
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) known.push(`${one.toLowerCase()} ${url}`);
  });
  const parts = { version: '1.2.3', streams: new Streams(deaf), reach: () => null };
  const appliance = new ScriptedAppliance();
  const clock = new VirtualClock();
  const live = new Live({ appliance, clock });
  const openMetrics = () => Promise.reject(new Error('none'));
  const own = {
    pauseMs: 1000,
    downloads: new Downloads(deaf),
    board: 'sim',
    draw: async () => '',
    live,
    clock,
    openMetrics,
  };
  addRoutes(app, { ...parts, ...own, ...everything, appliance, access: new Doorman().access });
  await app.ready();
  await app.close();
});

const describedOf = async () => {
  served ??= JSON.parse((await desk.get('openapi.json')).text) as OpenApi;
  return served;
};

const operationsOf = ({ paths }: OpenApi) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

/** Every value below, with the keys that lead to it. */
function* walk(value: unknown, at: readonly string[] = []): Generator<[readonly string[], unknown]> {
  yield [at, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, below] of Object.entries(value)) yield* walk(below, [...at, key]);
}

const resolve = (document: unknown, ref: string): unknown =>
  ref
    .replace(/^#\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);

describe('GET openapi.json', () => {
  test('is OpenAPI 3.1 with a title and a version', async () => {
    const document = await describedOf();
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: 'imagetank', version: '1.2.3' });
  });

  test('tells of every route that fastify knows, and of no other; of HEAD where it is not GET without its body', async () => {
    const document = await describedOf();
    const told = operationsOf(document).map(
      ({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    );
    const routes = known.filter(
      (route) => !(route.startsWith('head ') && known.includes(route.replace('head', 'get'))),
    );
    expect(routes.length).toBeGreaterThan(50);
    expect(told.toSorted()).toEqual(routes.toSorted());
  });

  test('every reference leads somewhere', async () => {
    const document = await describedOf();
    const refs = [...walk(document)].filter(([at]) => at.at(-1) === '$ref').map(([, ref]) => String(ref));
    expect(refs.length).toBeGreaterThan(50);
    for (const ref of refs) expect(resolve(document, ref), ref).toBeTypeOf('object');
    const used = new Set(refs);
    for (const name of Object.keys(document.components['schemas'] ?? {})) {
      expect(used, `${name} is used`).toContain(`#/components/schemas/${name}`);
    }
  });

  test('every operation has its own id, a summary, a tag, who may ask, and an answer', async () => {
    const document = await describedOf();
    const tags = (document['tags'] as { name: string }[]).map(({ name }) => name);
    const all = operationsOf(document);
    expect(new Set(all.map(({ operation }) => operation['operationId'])).size).toBe(all.length);
    for (const { path, operation } of all) {
      expect(operation['summary'], path).toMatch(/^[A-Z].*[^.]$/);
      expect(tags, path).toContain((operation['tags'] as string[])[0]);
      expect(operation['x-need'], path).toMatch(/^(anyone|viewer|owner|box)$/);
      const responses = operation['responses'] as Record<string, JsonSchema>;
      const [status] = Object.keys(responses);
      expect(status, path).toMatch(/^2\d\d$/);
      const { content, headers } = responses[status ?? ''] as { content?: JsonSchema; headers?: JsonSchema };
      expect(Object.keys(content ?? headers ?? {}), path).not.toEqual([]);
      expect(responses['default'], path).toEqual({ $ref: '#/components/responses/Problem' });
    }
  });

  test('every name in a path is a parameter of it, and no parameter stands twice', async () => {
    for (const { path, operation } of operationsOf(await describedOf())) {
      const parameters = (operation['parameters'] ?? []) as { name: string; in: string; required: boolean }[];
      const inPath = parameters.filter((one) => one.in === 'path');
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(inPath.every(({ required }) => required)).toBe(true);
      const keys = parameters.map((one) => `${one.in} ${one.name}`);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('says who may ask: without a token, on the box only, with either kind of token', async () => {
    const { paths, components, security } = await describedOf();
    const pair = paths['/api/v1/pair']?.['post'];
    expect(pair).toMatchObject({ security: [], 'x-need': 'anyone' });
    expect(paths['/api/v1/tokens']?.['post']).toMatchObject({ security: [], 'x-need': 'box' });
    expect(paths['/api/v1/journal']?.['get']).toMatchObject({ 'x-need': 'owner' });
    expect(paths['/api/v1/power']?.['post']?.['security']).toBeUndefined();
    expect(security).toEqual([{ bearer: [] }, { secureCookie: [] }, { cookie: [] }]);
    expect(Object.keys(components['securitySchemes'] ?? {})).toEqual(['bearer', 'secureCookie', 'cookie']);
    expect(components['securitySchemes']).toMatchObject({
      secureCookie: { name: '__Host-imagetank' },
      cookie: { name: 'imagetank' },
    });
  });

  test('describes bodies as they come in and answers as they go out', async () => {
    const { paths, components } = await describedOf();
    const backups = paths['/api/v1/backups']?.['post'];
    const schema = resolve(backups, '#/requestBody/content/application~1json/schema') as JsonSchema;
    expect(schema['required']).toBeUndefined();
    expect(Object.keys(schema['properties'] as object)).toEqual(['card', 'to', 'fit', 'wait']);
    expect(resolve(backups, '#/responses/202/content/application~1json/schema')).toEqual({
      type: 'array',
      items: { $ref: '#/components/schemas/BackupStarted' },
    });
    const problem = resolve(components, '#/responses/Problem/content/application~1problem+json/schema');
    expect(problem).toEqual({ $ref: '#/components/schemas/ProblemDetails' });
    const history = paths['/api/v1/history']?.['get'];
    expect(history?.['parameters']).toMatchObject([{ name: 'last', in: 'query', required: false }]);
    expect(paths['/api/v1/ack']?.['post']?.['requestBody']).toBeUndefined();
  });

  test('describes uploads, whose headers and bytes are tus', async () => {
    const { paths } = await describedOf();
    const { patch, head, post, options } = paths['/api/v1/uploads/{id}'] ?? {};
    expect(patch?.['requestBody']).toEqual({ required: true, content: { [UPLOAD_TYPE]: {} } });
    const parameters = (patch?.['parameters'] ?? []) as { name: string; in: string; required: boolean }[];
    expect(parameters).toMatchObject([
      { name: 'id', in: 'path' },
      { name: 'tus-resumable', in: 'header', required: true, schema: { const: '1.0.0' } },
      { name: 'upload-offset', in: 'header', required: true, schema: { type: 'integer' } },
    ]);
    expect(resolve(head, '#/responses/200/headers')).toMatchObject({
      'upload-offset': { required: true },
      'upload-expires': { required: false },
    });
    expect(post).toBeUndefined();
    expect(head?.['x-need']).toBe('owner');
    expect(options?.['parameters']).toMatchObject([{ name: 'id', in: 'path' }]);
  });

  test('the shape of the status takes a status and no other', async () => {
    const { components } = await describedOf();
    const described = components['schemas']?.['Status'] as JsonSchema;
    expect(described['required']).toEqual(Object.keys(STATUS));
    expect(described['properties']).toMatchObject({
      cards: { items: { $ref: '#/components/schemas/CardStatus' } },
    });
    expect(Status.safeParse(STATUS).success).toBe(true);
  });
});

describe('two shapes of one name', () => {
  test('are a mistake of ours, and said', () => {
    const shapes = new Shapes();
    shapes.of(z.object({ a: z.string() }).meta({ id: 'OneName' }), 'output');
    const other = z.object({ b: z.object({ c: z.string() }) }).meta({ id: 'OneName' });
    expect(() => shapes.of(other, 'output')).toThrow('two shapes are called OneName');
  });
});

test('a description of nothing has no path', () => {
  const none: Operation[] = [];
  expect(openApi(none, '0')).toMatchObject({ paths: {}, tags: [] });
  expect(new Api(createApp(deaf), none).about('x').operations).toBe(none);
});
