import { type IncomingHttpHeaders, request } from 'node:http';

export interface Asking {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** TCP instead of the socket. */
  readonly port?: number;
  /** Hangs up after so many: of a stream that does not end. Default: reads to the end. */
  readonly lines?: number;
}

export interface Got {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

/** Asks one server, by its socket or its port. */
export class Asker {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  ask(method: string, path: string, { body, raw, headers, port, lines }: Asking = {}): Promise<Got> {
    const where = port === undefined ? { socketPath: this.#socketPath } : { host: '127.0.0.1', port };
    const payload = raw ?? (body === undefined ? '' : JSON.stringify(body));
    const type = payload === '' ? {} : { 'content-type': 'application/json' };
    const options = { ...where, path, method: method.toUpperCase(), headers: { ...type, ...headers } };
    return new Promise((resolve, reject) => {
      const asked = request({ ...options, agent: false }, (response) => {
        let text = '';
        const tell = () => {
          const { statusCode: status = 0, headers: got } = response;
          resolve({ status, type: got['content-type'] ?? '', text, headers: got });
        };
        response.setEncoding('utf8').on('data', (more: string) => {
          text += more;
          const whole = text.split('\n').slice(0, -1);
          if (lines === undefined || whole.length < lines) return;
          text = whole.slice(0, lines).join('\n');
          tell();
          asked.destroy();
        });
        response.once('end', tell);
      });
      // After hanging up nobody listens any more.
      asked.once('error', reject);
      asked.end(payload);
    });
  }
}
