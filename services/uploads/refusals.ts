import { UserError } from '../errors.ts';

/** What may be wrong with an upload, each with a name. */

export const inboxOff = () =>
  new UserError(
    'uploads-off',
    78,
    'uploads go through the inbox of a drive, and the configuration has `inbox = false`',
    'set `inbox = true` and start imagetank again',
  );

export const noDrive = () =>
  new UserError(
    'no-drive-for-uploads',
    66,
    'no drive is attached that could take it',
    'attach a drive, or adopt one: imagetank drive adopt LABEL',
  );

export const tooLarge = (maxBytes: number) =>
  new UserError(
    'upload-too-large',
    73,
    `an upload may have ${maxBytes.toLocaleString('en')} bytes now`,
    'attach a drive with more room (an upload needs its size twice), or take a smaller file',
  );

export const driveFull = (cause: unknown) =>
  new UserError(
    'drive-full-for-uploads',
    73,
    'the drive is full: what arrived of the upload is kept',
    'make room on the drive or attach a larger one; then the upload goes on where it was',
    cause,
  );

export const tooMany = (max: number, whose: string) =>
  new UserError(
    'too-many-uploads',
    75,
    `${max} uploads ${whose} are not finished`,
    'finish or cancel one; after 7 days without a byte they are given up',
  );

export const driveLeaves = () =>
  new UserError('drive-leaves', 75, 'a drive is being ejected', 'go on in a moment: what arrived is kept');

/** Also of another device's: it need not know that there is one. */
export const noUpload = () =>
  new UserError('no-such-upload', 66, 'there is no such upload', 'begin it again');

export const wrongOffset = (offset: number) =>
  new UserError('wrong-offset', 73, `it goes on at ${offset}`, 'ask where it is (HEAD) and go on there');

export const beyondEnd = (sizeBytes: number) =>
  new UserError(
    'beyond-end',
    73,
    `more bytes than the ${sizeBytes} that were announced`,
    'send what was announced, or begin it again',
  );

export const badMetadata = (why: string) =>
  new UserError('bad-metadata', 64, `Upload-Metadata: ${why}`, 'send it as tus 1.0.0 says');

export const nameTooLong = (bytes: number) =>
  new UserError(
    'name-too-long',
    64,
    `the name has ${bytes} bytes`,
    'give it 255 at most: no file system takes more',
  );

export const stopping = () =>
  new UserError('stopping', 75, 'imagetank is stopping', 'go on when it runs again: what arrived is kept');
