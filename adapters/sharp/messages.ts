import type { PictureOutcome, PictureSource } from '../../services/pictures/ports.ts';

/** What passes between the daemon and the child that makes pictures. */
export interface PictureRequest extends PictureSource {
  readonly id: number;
  /** Longest edge, in pixels. */
  readonly edge: number;
  /** Absolute path of the JPEG to be made. */
  readonly into: string;
}

export interface PictureAnswer {
  readonly id: number;
  readonly outcome: PictureOutcome;
}

const OUTCOMES: ReadonlySet<unknown> = new Set(['made', 'altered', 'failed'] satisfies PictureOutcome[]);

export const isPictureAnswer = (message: unknown, id: number): message is PictureAnswer =>
  typeof message === 'object' &&
  message !== null &&
  'id' in message &&
  message.id === id &&
  'outcome' in message &&
  OUTCOMES.has(message.outcome);

/** What a tool made, for sharp to read. */
export const betweenOf = (into: string): string => `${into}.png`;
