import type { PictureSource } from '../../services/pictures/ports.ts';

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
  readonly made: boolean;
}

export const isPictureAnswer = (message: unknown, id: number): message is PictureAnswer =>
  typeof message === 'object' &&
  message !== null &&
  'id' in message &&
  message.id === id &&
  'made' in message &&
  typeof message.made === 'boolean';

/** What a tool made, for sharp to read. */
export const betweenOf = (into: string): string => `${into}.png`;
