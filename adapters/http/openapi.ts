import type * as z from 'zod';
import { ProblemDetails } from '../../services/shapes.ts';
import type { Answer, Operation } from './api.ts';
import { NoBody } from './bodies.ts';
import type { Need } from './callers.ts';
import { COOKIE, SECURE_COOKIE } from './credentials.ts';
import { nameShapes } from './shape-names.ts';
import { type JsonSchema, Shapes } from './shapes.ts';

const NDJSON = 'application/x-ndjson';
const SSE = 'text/event-stream';
const PROBLEM = 'application/problem+json';

const WHO = {
  anyone: 'Answers without a token.',
  viewer: 'For viewers and owners.',
  owner: 'For owners.',
  box: 'Only on the box itself, over its unix socket.',
} as const satisfies Record<Need, string>;

/** As far as this program writes it (OpenAPI 3.1.1). */
export interface OpenApi {
  readonly openapi: string;
  readonly info: JsonSchema;
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly [key: string]: unknown;
}

/** Describes what the routes say of themselves. Throws when two shapes have one name. */
export function openApi(operations: readonly Operation[], version: string): OpenApi {
  nameShapes();
  const shapes = new Shapes();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationOf(operation, shapes) };
  }
  const problem = shapes.of(ProblemDetails, 'output');
  const content = { [PROBLEM]: { schema: problem } };
  return {
    openapi: '3.1.1',
    info: {
      title: 'imagetank',
      version,
      description: 'Backs up camera cards. Times are UTC with Z, sizes bytes, what is not known is null.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { secureCookie: [] }, { cookie: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: shapes.named,
      responses: { Problem: { description: 'A refusal (RFC 9457), with what to do as `hint`', content } },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'imagetank pair token --name NAME' },
        secureCookie: cookie(SECURE_COOKIE, 'with TLS'),
        cookie: cookie(COOKIE, 'without TLS'),
      },
    },
  };
}

const cookie = (name: string, where: string): JsonSchema => {
  return { type: 'apiKey', in: 'cookie', name, description: `set by POST /api/v1/pair, ${where}` };
};

function operationOf(operation: Operation, shapes: Shapes): JsonSchema {
  const { method, path, summary, tag, answer } = operation;
  const need = operation.need ?? (method === 'get' || method === 'head' ? 'viewer' : 'owner');
  const status = String(answer.status ?? 200);
  const problem = { $ref: '#/components/responses/Problem' };
  const { query, headers } = operation;
  const parameters = [
    ...inPath(operation, shapes),
    ...parametersOf(query, 'query', shapes),
    ...parametersOf(headers, 'header', shapes),
  ];
  const content = takenBy(operation, shapes);
  return {
    operationId: idOf(method, path),
    tags: [tag],
    summary,
    description: [operation.description, WHO[need]].filter((text) => text !== undefined).join(' '),
    'x-need': need,
    ...(need === 'anyone' || need === 'box' ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === null ? {} : { requestBody: { required: true, content } }),
    responses: {
      [status]: { description: summary, ...givenBy(answer, shapes) },
      ...(need === 'anyone' ? {} : { '401': problem, '403': problem }),
      default: problem,
    },
  };
}

/** Null where no body is taken. */
function takenBy({ body, takes }: Operation, shapes: Shapes): JsonSchema | null {
  // OpenAPI 3.1.1, section 4.8.14.3: raw bytes have no schema.
  if (takes !== undefined) return { [takes]: {} };
  if (body === undefined || body === NoBody) return null;
  return { 'application/json': { schema: shapes.of(body, 'input') } };
}

function givenBy(answer: Answer, shapes: Shapes): JsonSchema {
  if (!('headers' in answer)) return { content: contentOf(answer, shapes) };
  const { properties, required } = shapes.propertiesOf(answer.headers);
  const headers = Object.entries(properties).map(([name, schema]) => [
    name,
    { required: required.includes(name), schema },
  ]);
  return { headers: Object.fromEntries(headers) };
}

function contentOf(answer: Exclude<Answer, { readonly headers: unknown }>, shapes: Shapes): JsonSchema {
  if ('json' in answer) return { 'application/json': { schema: shapes.of(answer.json, 'output') } };
  if ('type' in answer) return { [answer.type]: {} };
  const line = shapes.of(answer.lines, 'output');
  const events = answer.events ?? 'each line as the data of an event';
  return {
    [NDJSON]: { schema: { description: 'each line is one of these', ...line } },
    [SSE]: { schema: { type: 'string', description: events } },
  };
}

function inPath({ path, params }: Operation, shapes: Shapes): readonly JsonSchema[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const properties = params === undefined ? {} : shapes.propertiesOf(params).properties;
  return names.map((name) => {
    const schema = properties[name] ?? { type: 'string' };
    return { name, in: 'path', required: true, schema };
  });
}

function parametersOf(
  shape: z.ZodType | undefined,
  where: 'query' | 'header',
  shapes: Shapes,
): readonly JsonSchema[] {
  if (shape === undefined) return [];
  const { properties, required } = shapes.propertiesOf(shape);
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: where, required: required.includes(name), schema };
  });
}

/** `get`, `/api/v1/backups/{id}/events` → `getBackupsIdEvents`. */
function idOf(method: string, path: string): string {
  const words = path
    .replace(/^\/api\/v\d+/, '')
    .split(/\W+/)
    .filter((word) => word !== '');
  return [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}
