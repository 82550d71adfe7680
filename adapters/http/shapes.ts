import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

export type JsonSchema = { readonly [key: string]: unknown };
type Direction = 'input' | 'output';

const DEFS = '#/$defs/';

/** JSON Schema 2020-12 of zod's shapes; those that have a name (`.meta({ id })`) stand once, under it. */
export class Shapes {
  readonly #named = new Map<string, JsonSchema>();

  get named(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#named].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Throws an `Error` when two shapes have one name, or one is taken and given with different fields. */
  of(shape: z.ZodType, direction: Direction): JsonSchema {
    const {
      $schema: _,
      $defs = {},
      ...own
    } = z.toJSONSchema(shape, {
      io: direction,
      unrepresentable: 'any',
    }) as JsonSchema & { readonly $defs?: Readonly<Record<string, JsonSchema>> };
    for (const [name, schema] of Object.entries($defs)) this.#keep(name, schema);
    return referring(own);
  }

  /** Of an object that is taken apart: a query, the parameters of a path. */
  propertiesOf(shape: z.ZodType): {
    readonly properties: Readonly<Record<string, JsonSchema>>;
    readonly required: readonly string[];
  } {
    const { properties = {}, required = [] } = this.of(shape, 'input');
    return {
      properties: properties as Readonly<Record<string, JsonSchema>>,
      required: required as readonly string[],
    };
  }

  #keep(name: string, schema: JsonSchema): void {
    const { id: _, $id: __, ...rest } = schema;
    const kept = referring(rest);
    const before = this.#named.get(name);
    if (before !== undefined && !isDeepStrictEqual(before, kept)) {
      throw new Error(`two shapes are called ${name}`);
    }
    this.#named.set(name, kept);
  }
}

/** With references to where the named ones stand. */
function referring(schema: JsonSchema): JsonSchema {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === '$ref' && typeof value === 'string' ? value.replace(DEFS, '#/components/schemas/') : value,
    ),
  ) as JsonSchema;
}
