/** What comes over a stream of server-sent events (HTML Standard, section 9.2), or a sign of life (a comment). */
export type Incoming =
  | { readonly type: 'event'; readonly name: string; readonly data: string }
  | { readonly type: 'heartbeat' };

/** A status with many cards and problems is far below this; more is not our server. */
const MAX_WAITING = 4_000_000;

/** The browser's own `EventSource` hides comments and the status of a refusal: both are needed here. */
export class EventParser {
  #waiting = '';
  #name = '';
  #data: string[] = [];

  /** Text as it comes, cut anywhere. Throws a `RangeError` for an event without an end. */
  take(text: string): readonly Incoming[] {
    const lines = (this.#waiting + text).split(/\r\n|\n/);
    this.#waiting = lines.pop() ?? '';
    const incoming = lines.flatMap((line) => this.#line(line));
    if (this.#waiting.length + this.#data.reduce((sum, line) => sum + line.length, 0) > MAX_WAITING) {
      throw new RangeError('an event without an end');
    }
    return incoming;
  }

  #line(line: string): readonly Incoming[] {
    if (line === '') return this.#dispatch();
    if (line.startsWith(':')) return [{ type: 'heartbeat' }];
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') this.#name = value;
    if (field === 'data') this.#data.push(value);
    return [];
  }

  #dispatch(): readonly Incoming[] {
    const [name, data] = [this.#name || 'message', this.#data];
    this.#name = '';
    this.#data = [];
    return data.length === 0 ? [] : [{ type: 'event', name, data: data.join('\n') }];
  }
}
