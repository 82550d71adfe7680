import type { Clock } from '../ports.ts';
import { goodbyes, type Records } from './box-records.ts';
import { EMPTY, type Resource } from './dns.ts';
import type { Multicast } from './ports.ts';

/** No record twice within a second on one link; for those who probe a quarter (RFC 6762, section 6). */
const AGAIN_MS = 1000;
export const DEFENCE_MS = 250;
/** Answers to one asker alone, to all of them together: a flood of questions must not make a flood of answers. */
const ALONE_EACH_SECOND = 20;

/** Says records, and not more often than they may be said. */
export class Voice {
  readonly #multicast: Pick<Multicast, 'send'>;
  readonly #clock: Pick<Clock, 'monoMs'>;
  /** By link and record: no more than the box has. */
  readonly #saidMs = new Map<string, Map<Resource, number>>();
  #alone = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(multicast: Pick<Multicast, 'send'>, clock: Pick<Clock, 'monoMs'>) {
    this.#multicast = multicast;
    this.#clock = clock;
  }

  /** The records are other ones from now on. */
  forget(): void {
    this.#saidMs.clear();
  }

  /** To everybody on the link, those of them that were not said a moment ago. */
  say(
    link: string,
    answers: readonly Resource[],
    additionals: readonly Resource[] = [],
    againMs = AGAIN_MS,
  ): void {
    const nowMs = this.#clock.monoMs();
    const said = this.#saidMs.get(link) ?? new Map<Resource, number>();
    this.#saidMs.set(link, said);
    const isNew = (record: Resource) => nowMs - (said.get(record) ?? Number.NEGATIVE_INFINITY) >= againMs;
    const [fresh, more] = [answers.filter(isNew), additionals.filter(isNew)];
    if (fresh.length === 0) return;
    for (const record of [...fresh, ...more]) said.set(record, nowMs);
    this.#multicast.send({ ...EMPTY, kind: 'response', answers: fresh, additionals: more }, { link });
  }

  /** True when everybody heard it within a quarter of its life: one who asks alone may be told alone. */
  isFresh(link: string, record: Resource): boolean {
    const saidMs = this.#saidMs.get(link)?.get(record);
    return saidMs !== undefined && this.#clock.monoMs() - saidMs < (record.ttlSeconds * 1000) / 4;
  }

  goodbye(link: string, records: Records): void {
    this.#multicast.send({ ...EMPTY, kind: 'response', answers: goodbyes(records) }, { link });
  }

  /** False when too many ask. */
  mayAnswerAlone(): boolean {
    const nowMs = this.#clock.monoMs();
    if (nowMs - this.#alone.sinceMs >= 1000) this.#alone = { sinceMs: nowMs, count: 0 };
    this.#alone.count++;
    return this.#alone.count <= ALONE_EACH_SECOND;
  }
}
