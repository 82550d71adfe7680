import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** The Wi-Fi between a phone and the box: it can be slow, and it can break. */
export class Line {
  port = 0;
  readonly #server = createServer((phone) => this.#join(phone));
  readonly #sockets = new Set<Socket>();
  #to = 0;
  #isBroken = false;
  #bytesPerSecond = Number.POSITIVE_INFINITY;

  async open(to: number): Promise<void> {
    this.#to = to;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** From the phone to the box, from now on. */
  slow(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** All connections end at once, new ones too. */
  breakOff(): void {
    this.#isBroken = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#isBroken = false;
  }

  async close(): Promise<void> {
    this.breakOff();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(phone: Socket): void {
    if (this.#isBroken) {
      phone.resetAndDestroy();
      return;
    }
    const box = connect(this.#to, '127.0.0.1');
    for (const socket of [phone, box]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        (socket === phone ? box : phone).destroy();
      });
    }
    const pace = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        void sleep((chunk.length / this.#bytesPerSecond) * 1000).then(() => done(null, chunk));
      },
    });
    phone.pipe(pace).pipe(box);
    box.pipe(phone);
  }
}
