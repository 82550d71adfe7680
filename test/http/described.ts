import * as z from 'zod';

type Schema = Readonly<Record<string, unknown>>;
type Headers = Readonly<Record<string, { readonly required: boolean; readonly schema: Schema }>>;
type Operation = {
  readonly responses: Readonly<Record<string, { readonly content?: Content; readonly headers?: Headers }>>;
};
type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

const LINES = 'application/x-ndjson';
const JSON_TYPE = 'application/json';

/** What a description tells of the answer to one request. */
export interface Told {
  /** As in the description: `/api/v1/backups/{id}`. */
  readonly path: string;
  readonly status: number;
  readonly type: string;
  readonly isLines: boolean;
  readonly headers: Headers;
  /** Throws what is missing, too much or of another kind. */
  parse(value: unknown): unknown;
}

/** An OpenAPI document as somebody reads it who knows nothing else. */
export class Described {
  readonly #paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly #named: Readonly<Record<string, Schema>>;

  constructor(text: string) {
    const { paths, components } = JSON.parse(text);
    this.#paths = paths;
    this.#named = components.schemas;
  }

  /** Method and path of all whose answer is JSON, or lines of it. */
  get jsonOperations(): readonly string[] {
    return Object.entries(this.#paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        const { type } = answerOf(operation);
        return type === JSON_TYPE || type === LINES ? [`${method} ${path}`] : [];
      }),
    );
  }

  /** Throws where it tells of no such request. */
  find(method: string, asked: string): Told {
    const plain = asked.split('?')[0] ?? '';
    const matching = Object.keys(this.#paths).filter((path) =>
      new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`).test(plain),
    );
    // A path without parameters goes first.
    const path = matching.find((one) => one === plain) ?? matching[0] ?? '';
    const operation = this.#paths[path]?.[method];
    if (operation === undefined) throw new Error(`${method} ${asked} is not described`);
    const { status, type, schema, headers } = answerOf(operation);
    const shape = this.#shapeOf(schema);
    return { path, status, type, headers, isLines: type === LINES, parse: (value) => shape.parse(value) };
  }

  #shapeOf(schema: Schema): z.ZodType {
    const whole = JSON.stringify({ ...schema, $defs: this.#named });
    return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
  }
}

function answerOf({ responses }: Operation) {
  const [status = '', { content = {}, headers = {} } = {}] = Object.entries(responses)[0] ?? [];
  const [type = '', { schema = {} } = {}] = Object.entries(content)[0] ?? [];
  return { status: Number(status), type, schema, headers };
}
