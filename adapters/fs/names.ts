import { OWN_FOLDER } from '../../services/drive-folders.ts';

/** Files on their way; `clearIncoming` removes what a crash left. */
export const INCOMING_FOLDER = `${OWN_FOLDER}/incoming`;
/** Files that were moved out of the inbox and are looked at once more, in a folder for each backup. */
export const TAKEN_FOLDER = `${OWN_FOLDER}/taken`;
/** Uploads on their way from a phone: `<id>.part` and `<id>.json`. */
export const UPLOADS_FOLDER = `${OWN_FOLDER}/uploads`;
export const IDENTITY_FILE = `${OWN_FOLDER}/drive.json`;
/** More is no identity of ours. */
export const MAX_IDENTITY_BYTES = 64 * 1024;
