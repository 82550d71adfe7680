import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../../services/access/access.ts';
import type { Certificate } from '../../services/network/ports.ts';
import type { Reach } from '../../services/network/reach.ts';
import type { Clock } from '../../services/ports.ts';
import { deviceOf } from './callers.ts';
import { credentialOf } from './credentials.ts';
import { type Gate, passGate, turnAway } from './gate.ts';
import type { Guests, Limits } from './guests.ts';
import { hurry } from './hurry.ts';
import type { NetworkDoor, Patience, Serve } from './network-door.ts';
import { Pace, type PaceOptions } from './pace.ts';
import type { Page } from './page.ts';
import { sendPage } from './send-page.ts';
import { pathOf } from './target.ts';

export interface NetworkParts {
  readonly access: Access;
  readonly clock: Pick<Clock, 'monoMs' | 'setTimer'>;
  /** Told which ports are open. */
  readonly reach: Reach;
  /** Asked for when a port is opened. */
  readonly page: () => Page;
  readonly patience: Patience;
  readonly limits: Limits | undefined;
  readonly pace: PaceOptions | undefined;
  /** What has passed the gate, and is no file of the page. */
  readonly route: Serve;
}

/** All ports: who comes is counted, waits for its turn, passes the gate, and is routed. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #pace: Pace;
  readonly #doors = new Map<NetworkDoor, number>();

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.#pace = new Pace(parts.clock, parts.pace);
  }

  /** Throws `UserError` 75, 77, 78. */
  async listen(asked: number, certificate: Certificate | null): Promise<number> {
    const { access, clock, limits, page, patience, reach } = this.#parts;
    // Only here: a daemon without a port does without.
    const { NetworkDoor } = await import('./network-door.ts');
    const gate: PageGate = { names: () => reach.names, access, page: page() };
    const door = new NetworkDoor({
      ...{ certificate, patience, limits, clock, names: gate.names },
      serve: (request, response) => this.#serve(request, response, { gate, guests: door.guests }),
    });
    const port = await door.listen(asked);
    this.#doors.set(door, port);
    reach.opened(port, certificate?.fingerprint ?? null);
    return port;
  }

  /** Throws `UserError` 78. */
  useCertificate(certificate: Certificate): void {
    for (const [door, port] of this.#doors) {
      door.useCertificate(certificate);
      this.#parts.reach.opened(port, certificate.fingerprint);
    }
  }

  forgetWaiting(): void {
    this.#pace.stop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#doors.keys()].map((door) => door.close()));
    this.#doors.clear();
  }

  #serve(request: IncomingMessage, response: ServerResponse, door: Door): void {
    const { access, patience } = this.#parts;
    hurry(request, response, patience.requestMs);
    const leave = this.#pace.admit({
      address: request.socket.remoteAddress ?? '',
      device: () => {
        const holder = access.holderOf(credentialOf(request)?.token ?? '');
        // Before its turn: a connection that waits with a good token is not a stranger's, which gives way.
        if (holder !== null) door.guests.recognise(request.socket);
        return holder?.id ?? null;
      },
      run: () => this.#answer(request, response, door),
      refuse: (seconds) => turnAway(response, seconds),
    });
    // Until somebody reads it, only the end of its connection closes it.
    request.once('close', leave);
  }

  #answer(request: IncomingMessage, response: ServerResponse, { gate, guests }: Door): void {
    if (response.destroyed || !passGate(request, response, gate)) return;
    const device = deviceOf(request);
    if (device !== null) {
      guests.recognise(request.socket);
      this.#parts.access.sightings.saw(device.id, request.socket.remoteAddress ?? '');
    }
    const file = gate.page.get(pathOf(request));
    if (file === undefined) this.#parts.route(request, response);
    else sendPage(request, response, file);
  }
}

interface PageGate extends Gate {
  readonly page: Page;
}

interface Door {
  readonly gate: PageGate;
  readonly guests: Guests;
}
