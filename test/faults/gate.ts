/**
 * Counts what an engine asks of its ports, and lets something happen before the k-th question. Each call, each entry
 * of a listing is a moment; what ports hand out (files) is behind the same gate.
 */
export class Gate {
  readonly #before: (moment: number, call: string) => Promise<void>;
  readonly #originals = new WeakMap<object, object>();
  moments = 0;

  constructor(before: (moment: number, call: string) => Promise<void>) {
    this.#before = before;
  }

  /** A port whose calls pass the gate; `only` those of these names. */
  through<Port extends object>(port: Port, role: string): Port {
    const behind = new Proxy(port, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]) => {
          const own = args.map((arg) => this.#unwrap(arg));
          const call = `${role}.${String(key)}`;
          return LISTINGS.includes(String(key))
            ? this.#list(call, () => value.apply(target, own))
            : this.#ask(call, () => value.apply(target, own));
        };
      },
    });
    this.#originals.set(behind, port);
    return behind;
  }

  async #moment(call: string): Promise<void> {
    this.moments += 1;
    await this.#before(this.moments, call);
  }

  async #ask(call: string, action: () => unknown): Promise<unknown> {
    // Tidying up is no question.
    if (!SILENT.test(call)) await this.#moment(call);
    return this.#wrap(await action(), call);
  }

  async *#list(call: string, action: () => AsyncIterable<unknown>): AsyncGenerator<unknown> {
    await this.#moment(call);
    for await (const entry of action()) {
      yield entry;
      await this.#moment(`${call} entry`);
    }
  }

  #wrap(value: unknown, role: string): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#wrap(each, role));
    const isFile = typeof value === 'object' && value !== null && ('place' in value || 'changed' in value);
    return isFile ? this.through(value, `${role} file`) : value;
  }

  /** A real port may look into the files that it gave. */
  #unwrap(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#unwrap(each));
    if (typeof value !== 'object' || value === null) return value;
    const original = this.#originals.get(value);
    if (original !== undefined) return original;
    return 'file' in value && 'to' in value ? { ...value, file: this.#unwrap(value.file) } : value;
  }
}

const LISTINGS = ['scan', 'walk'];
const SILENT = /\.(discard|close|release)$/;
