import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import * as z from 'zod';
import { NoBody, validated } from './bodies.ts';
import type { Need } from './callers.ts';

type Method = 'get' | 'post' | 'patch' | 'delete';

/** What a route answers when all is well: one JSON value, JSON Lines (or server-sent events), another media type, or nothing. */
export type Answer =
  | { readonly status?: number; readonly json: z.ZodType }
  | {
      readonly status?: number;
      readonly lines: z.ZodType;
      /** What server-sent events there are, where they are more than the lines. */
      readonly events?: string;
    }
  | { readonly status?: number; readonly type: string }
  | {
      readonly status: number;
      /** All there is; those that are optional are so in the shape. */
      readonly headers: z.ZodType;
    };

/** What a route says of itself; what checks a request and what describes it is one. */
export interface About<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  /** One line for the description. */
  readonly summary: string;
  /** What one line does not tell. */
  readonly description?: string;
  /** Default: `viewer` to read, `owner` for everything else. */
  readonly need?: Need;
  readonly params?: Params;
  readonly query?: Query;
  /** Default: none, or `{}`. */
  readonly body?: Body;
  /** In bytes. Default: 64 KiB. */
  readonly bodyLimit?: number;
  readonly answer: Answer;
}

/** A request that has been checked. */
export interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** A route of the description; `path` as in OpenAPI, `/backups/{id}`, with its prefix. */
export interface Operation extends About<z.ZodType, z.ZodType, z.ZodType> {
  readonly method: Method | 'head' | 'options';
  readonly path: string;
  /** What it is about. */
  readonly tag: string;
  /** That it reads, beside those of every request. */
  readonly headers?: z.ZodType;
  /** Media type of a body that is not JSON. */
  readonly takes?: string;
}

const Nothing = z.strictObject({});

/** Routes under one prefix. Paths as fastify writes them: `/backups/:id`. */
export class Api {
  readonly #app: FastifyInstance;
  readonly #operations: Operation[];
  readonly #tag: string;

  /** All that describe one server share `operations`. */
  constructor(app: FastifyInstance, operations: Operation[] = [], tag = 'box') {
    this.#app = app;
    this.#operations = operations;
    this.#tag = tag;
  }

  /** The same, for routes about something. */
  about(tag: string): Api {
    return new Api(this.#app, this.#operations, tag);
  }

  /** In the order in which they were added. */
  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** A route that is fastify's own, because its body is no JSON; it checks its requests itself. */
  describe(path: string, operation: Omit<Operation, 'path' | 'tag'>): void {
    this.#operations.push({ ...operation, path: this.#full(path), tag: this.#tag });
  }

  get = this.#adder('get');
  post = this.#adder('post');
  patch = this.#adder('patch');
  delete = this.#adder('delete');

  #full(path: string): string {
    return `${this.#app.prefix}${path.replace(/:(\w+)/g, '{$1}')}`;
  }

  #adder(method: Method) {
    return <
      Params extends z.ZodType = typeof Nothing,
      Query extends z.ZodType = typeof Nothing,
      Body extends z.ZodType = typeof NoBody,
    >(
      path: string,
      about: About<Params, Query, Body>,
      answer: (asked: Asked<z.output<Params>, z.output<Query>, z.output<Body>>) => unknown,
    ): void => {
      this.#operations.push({ ...about, method, path: this.#full(path), tag: this.#tag });
      const { need, bodyLimit } = about;
      const options: RouteShorthandOptions = {
        config: need === undefined ? {} : { need },
        ...(bodyLimit === undefined ? {} : { bodyLimit }),
      };
      this.#app[method](path, options, async (request, reply) => {
        const asked = {
          params: validated(about.params ?? Nothing, request.params),
          query: validated(about.query ?? Nothing, request.query),
          body: method === 'get' ? undefined : validated(about.body ?? NoBody, request.body),
          request,
          reply,
        };
        if (about.answer.status !== undefined) reply.code(about.answer.status);
        if ('type' in about.answer) reply.type(about.answer.type);
        return answer(asked as Asked<z.output<Params>, z.output<Query>, z.output<Body>>);
      });
    };
  }
}
