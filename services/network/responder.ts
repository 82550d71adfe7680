import type { Clock } from '../ports.ts';
import { type Answer, answerTo, legacyAnswer } from './answering.ts';
import type { Records } from './box-records.ts';
import { EMPTY, type Message } from './dns.ts';
import type { Multicast, Speaker } from './ports.ts';
import { DEFENCE_MS, type Voice } from './voice.ts';

/** Others may have the same to say: not all at one time (RFC 6762, section 6). */
const WAIT_MS = 20;
const SPREAD_MS = 100;
/** Answers that wait; what is asked beyond is asked again. */
const MAX_WAITING = 32;

export interface ResponderParts {
  readonly multicast: Pick<Multicast, 'send'>;
  readonly voice: Voice;
  readonly clock: Pick<Clock, 'setTimer'>;
  /** 0 to 1, without 1. */
  readonly random: () => number;
}

/** Answers what is asked about the box. */
export class Responder {
  readonly #parts: ResponderParts;
  readonly #waiting = new Set<() => void>();

  constructor(parts: ResponderParts) {
    this.#parts = parts;
  }

  answer(query: Message, from: Speaker, links: ReadonlyMap<string, Records>): void {
    for (const [link, records] of links) {
      if (from.link !== null && from.link !== link) continue;
      const answer = answerTo(query, records);
      if (answer === null) continue;
      if (from.legacy) this.#answerLegacy(query, from, answer);
      else if (query.authorities.length > 0) this.#say(link, answer, DEFENCE_MS);
      else if (this.#mayBeAlone(query, from, link, answer)) this.#answerAlone(from, answer);
      else if (answer.answers.every(({ unique }) => unique)) this.#say(link, answer);
      else this.#sayLater(link, answer);
    }
  }

  /** What waits is not said any more. */
  stop(): void {
    for (const disarm of this.#waiting) disarm();
    this.#waiting.clear();
  }

  /** Never to an address that is on no link: others would be made to pay for a forged one. */
  #answerLegacy(query: Message, { link, address, port }: Speaker, answer: Answer): void {
    const { voice, multicast } = this.#parts;
    if (link === null || !voice.mayAnswerAlone()) return;
    multicast.send(legacyAnswer(query, answer), { address, port });
  }

  /** Only where everybody heard it lately: caches live from what is said to all (RFC 6762, section 5.4). */
  #mayBeAlone({ questions }: Message, from: Speaker, link: string, { answers }: Answer): boolean {
    const { voice } = this.#parts;
    const may = from.link !== null && questions.every(({ unicast }) => unicast);
    return may && answers.every((record) => voice.isFresh(link, record)) && voice.mayAnswerAlone();
  }

  #answerAlone({ address, port }: Speaker, answer: Answer): void {
    this.#parts.multicast.send({ ...EMPTY, kind: 'response', ...answer }, { address, port });
  }

  #say(link: string, { answers, additionals }: Answer, againMs?: number): void {
    this.#parts.voice.say(link, answers, additionals, againMs);
  }

  #sayLater(link: string, answer: Answer): void {
    if (this.#waiting.size >= MAX_WAITING) return;
    const { clock, random } = this.#parts;
    const disarm = clock.setTimer(WAIT_MS + random() * SPREAD_MS, () => {
      this.#waiting.delete(disarm);
      this.#say(link, answer);
    });
    this.#waiting.add(disarm);
  }
}
