import { driveOfInbox } from '../../../services/inbox-label.ts';
import type { Status } from '../../../services/shapes.ts';
import { durationText, sizeText } from '../format.ts';
import type { TextKey } from '../texts.ts';
import { type Language, translate } from '../translate.ts';
import { type Cause, type Item, type ItemState, MAX_ITEMS, TOO_MANY, type Why } from './queue.ts';
import type { Total } from './sums.ts';

/** By the codes of `services/uploads/refusals.ts`, and our own: `unreadable`, `too-many-at-once`. */
const REFUSALS: Readonly<Record<string, TextKey>> = {
  'upload-too-large': 'uploadTooLarge',
  'too-many-uploads': 'uploadTooMany',
  'no-drive-for-uploads': 'uploadNoDrive',
  'uploads-off': 'uploadOff',
  'name-too-long': 'uploadBadName',
  'viewer-only-reads': 'uploadViewerOnly',
  unreadable: 'uploadUnreadable',
  [TOO_MANY.code]: 'uploadBeyond',
};

/** Known refusals in our words; of others the box's own, in English. */
export function refusalText({ code, detail }: Why, language: Language): string {
  const key = REFUSALS[code];
  if (key !== undefined) return translate(language, key, { most: MAX_ITEMS });
  const refused = translate(language, 'uploadRefused');
  return detail === '' ? refused : `${refused}: ${detail}`;
}

const STATES = {
  waiting: 'uploadWaiting',
  sending: 'uploadIsSending',
  paused: 'uploadPaused',
  uploaded: 'uploadDone',
  cancelled: 'uploadCancelled',
} as const satisfies Record<Exclude<ItemState['kind'], 'refused' | 'reconnecting'>, TextKey>;

const CAUSES = {
  lost: 'uploadReconnecting',
  busy: 'uploadBusy',
  full: 'uploadFull',
} as const satisfies Record<Cause, TextKey>;

export function stateText({ state, sentBytes, sizeBytes }: Item, language: Language): string {
  if (state.kind === 'refused') return refusalText(state.why, language);
  const key = state.kind === 'reconnecting' ? CAUSES[state.cause] : STATES[state.kind];
  const word = translate(language, key);
  const isUnderWay = state.kind === 'sending' || (state.kind === 'paused' && sentBytes > 0);
  return isUnderWay
    ? `${word}, ${progressText(sentBytes, sizeBytes, language)}`
    : `${word}, ${sizeText(sizeBytes, language)}`;
}

export const progressText = (sent: number, all: number, language: Language): string =>
  translate(language, 'uploadProgress', { sent: sizeText(sent, language), all: sizeText(all, language) });

const TOTALS = {
  empty: 'uploadOver',
  sending: 'uploadSending',
  paused: 'uploadPausedAll',
  reconnecting: 'uploadLost',
  full: 'uploadFullMeans',
  over: 'uploadOver',
} as const satisfies Record<Total['mood'], TextKey>;

export const totalText = ({ mood, uploaded, files }: Total, language: Language): string =>
  translate(language, TOTALS[mood], { done: uploaded, n: files });

/** How many are not taken, and which of them only have to be chosen again. Empty: all are taken. */
export function refusedText({ refused, beyond }: Total, language: Language): string {
  const others = refused - beyond;
  return [
    beyond === 0 ? '' : translate(language, 'uploadBeyondAll', { n: beyond, most: MAX_ITEMS }),
    others === 0 ? '' : translate(language, 'uploadRefusedAll', { n: others }),
  ]
    .filter((text) => text !== '')
    .join(' ');
}

/** Why it is slow, empty when it is not; `backups` are those of the status. */
export function slowText({ mood }: Total, backups: Status['backups'], language: Language): string {
  // What only waits has no drives yet; uploads that are taken into the library slow nothing.
  const isCardCopied = backups.some(
    ({ outcome, drives, card }) => outcome === null && drives.length > 0 && driveOfInbox(card) === null,
  );
  return mood === 'sending' && isCardCopied ? translate(language, 'uploadSlow') : '';
}

/** Bytes, and how long it still takes where that is known. */
export function paceText(
  { sentBytes, bytes }: Total,
  secondsLeft: number | null,
  language: Language,
): string {
  const progress = progressText(sentBytes, bytes, language);
  if (secondsLeft === null) return progress;
  return `${progress} · ${translate(language, 'uploadLeft', { time: durationText(secondsLeft, language) })}`;
}
