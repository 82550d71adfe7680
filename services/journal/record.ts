import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type Envelope, type Fact, type FactRecord, type FactType, streamOf } from '../../machines/facts.ts';
import { JournalError, messageOf } from '../errors.ts';
import type { StampedFact } from '../ports.ts';
import { FACT_VERSION, type StoredFact, UPCASTERS, type Upcaster, upcast } from './upcasters.ts';

/** `prev` of the first record. */
export const NO_HASH = '0'.repeat(64);

/** A batch of 64 files with long names is below 100 kB; more is not a record of ours. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

const TOO_LONG = `longer than ${MAX_LINE_BYTES} bytes`;
const isTooLong = (line: string) => Buffer.byteLength(line) > MAX_LINE_BYTES;

/** Every fact, once: a name that is not here comes from a damaged or foreign journal. */
const FACT_TYPES: { readonly [Type in FactType]: true } = {
  DaemonStarted: true,
  DevicesKnown: true,
  DeviceAnnounced: true,
  DeviceSettled: true,
  CardAttached: true,
  CardDetached: true,
  CardRefused: true,
  DeviceDetached: true,
  DriveAttached: true,
  DriveDetached: true,
  DriveAdopted: true,
  DriveForgotten: true,
  DriveFailed: true,
  DriveContentLearned: true,
  FilesIndexed: true,
  BackupRequested: true,
  BackupPlanned: true,
  FilesSettled: true,
  CardRead: true,
  BackupFlushed: true,
  BackupVerified: true,
  BackupFinished: true,
  BackupFailed: true,
  BackupInterrupted: true,
  CopiesLost: true,
  VerificationStarted: true,
  VerificationProgressed: true,
  VerificationFinished: true,
  DriveSealed: true,
  InboxTaken: true,
  InboxCleared: true,
  DevicePaired: true,
  DeviceUnpaired: true,
  CardChecked: true,
  SpaceChanged: true,
  HealthChanged: true,
  ButtonPressed: true,
  ButtonReleased: true,
  Acknowledged: true,
  ShutdownRequested: true,
  DrivesReleased: true,
  TimerElapsed: true,
  ClockSet: true,
  InternalErrorOccurred: true,
};

/** SHA-256 of a record's exact stored bytes, hexadecimal. */
export function hashLine(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

export interface Sealed {
  readonly record: FactRecord;
  /** The stored bytes, without a newline. */
  readonly line: string;
  readonly hash: string;
}

/** Makes the next record of a chain. Throws `JournalError` `io` for one that could not be read again. */
export function seal(
  { fact, stamp }: StampedFact,
  head: { readonly seq: number; readonly hash: string },
): Sealed {
  const stream = streamOf(fact);
  const record: FactRecord = { v: FACT_VERSION, seq: head.seq + 1, stream, ...stamp, prev: head.hash, fact };
  const { type, ...data } = fact;
  const { v, seq, at, clock, monoMs, bootId, prev } = record;
  const line = JSON.stringify({ v, seq, stream, at, clock, monoMs, bootId, prev, type, data });
  if (isTooLong(line)) throw new JournalError('io', seq, `${type} is ${TOO_LONG}`);
  return { record, line, hash: hashLine(line) };
}

/** Seals facts one behind the other. */
export function sealAll(
  facts: readonly StampedFact[],
  head: { readonly seq: number; readonly hash: string },
): Sealed[] {
  let last: { readonly seq: number; readonly hash: string } = head;
  return facts.map((fact) => {
    const sealed = seal(fact, last);
    last = { seq: sealed.record.seq, hash: sealed.hash };
    return sealed;
  });
}

type Raw = Envelope & StoredFact;

/**
 * Reads one stored line. `place` is the number of the line or record, for the error.
 * Throws `JournalError` `damaged`, or `newer` when a later version of imagetank wrote it.
 */
export function parseLine(
  line: string,
  place: number,
  present = FACT_VERSION,
  upcasters: ReadonlyMap<number, Upcaster> = UPCASTERS,
): FactRecord {
  const raw = parseRaw(line, place);
  if (raw.v > present) {
    const text = `record ${place} has version ${raw.v}, this imagetank knows up to ${present}`;
    throw new JournalError('newer', place, text);
  }
  const { type, data } = upcastAt(raw, place, present, upcasters);
  if (!Object.hasOwn(FACT_TYPES, type)) throw damaged(place, `unknown fact ${JSON.stringify(type)}`);
  const { v, seq, stream, at, clock, monoMs, bootId, prev } = raw;
  return { v, seq, stream, at, clock, monoMs, bootId, prev, fact: { ...data, type } as Fact };
}

/** How `seal` begins a line; a quote inside of a text has a backslash before it. */
const TIE = /^\{"v":(\d+),"seq":(\d+),"stream":"[^{}]*?","prev":"([0-9a-f]{64})","type":"/;

/**
 * What ties a stored line to the one before it. A line that `seal` did not write like this is read as a whole. Throws as
 * `parseLine`.
 */
export function tieOf(line: string, place: number): { readonly seq: number; readonly prev: string } {
  const [, v, seq, prev] = TIE.exec(line) ?? [];
  if (prev === undefined || Number(v) > FACT_VERSION || isTooLong(line)) return parseLine(line, place);
  return { seq: Number(seq), prev };
}

function upcastAt(
  raw: Raw,
  place: number,
  present: number,
  upcasters: ReadonlyMap<number, Upcaster>,
): StoredFact {
  try {
    return upcast({ type: raw.type, data: raw.data }, raw.v, present, upcasters);
  } catch (error) {
    throw damaged(place, messageOf(error), error);
  }
}

function parseRaw(line: string, place: number): Raw {
  if (isTooLong(line)) throw damaged(place, TOO_LONG);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw damaged(place, 'not JSON', error);
  }
  if (!isRaw(value)) throw damaged(place, 'not an envelope');
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isHash = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;

/** By hand, because a schema library is ten times slower and a journal may hold 100,000 records. */
function isRaw(value: unknown): value is Raw {
  return (
    isObject(value) &&
    isCount(value['v']) &&
    isCount(value['seq']) &&
    typeof value['stream'] === 'string' &&
    typeof value['at'] === 'string' &&
    (value['clock'] === 'synced' || value['clock'] === 'unsynced') &&
    typeof value['monoMs'] === 'number' &&
    typeof value['bootId'] === 'string' &&
    isHash(value['prev']) &&
    typeof value['type'] === 'string' &&
    isObject(value['data'])
  );
}

export function damaged(place: number, why: string, cause?: unknown): JournalError {
  return new JournalError('damaged', place, `record ${place} is damaged: ${why}`, cause);
}
