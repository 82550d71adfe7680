import http from 'node:http';
import { count, type Message, text } from './protocol.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** HTTP over a unix socket, without the second that a command line client takes to start here. */
export function request(message: Message): Promise<Answer> {
  const body = message['body'] === undefined ? null : JSON.stringify(message['body']);
  return new Promise((resolve, reject) => {
    const sent = http.request(
      {
        socketPath: text(message, 'socket'),
        method: text(message, 'method'),
        path: text(message, 'path'),
        headers: body === null ? {} : { 'content-type': 'application/json' },
        // A connection each: one that is kept is closed by the daemon after 5 s, perhaps while the next question is on its way.
        agent: false,
        timeout: count(message, 'timeoutMs', 30_000),
      },
      (response) => {
        let got = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          got += piece;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: got }));
        response.once('error', reject);
      },
    );
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.once('error', reject);
    sent.end(body ?? undefined);
  });
}
