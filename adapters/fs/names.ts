/** Where imagetank keeps what is its own on a drive. */
export const OWN_FOLDER = '.imagetank';
/** Files on their way; `clearIncoming` removes what a crash left. */
export const INCOMING_FOLDER = `${OWN_FOLDER}/incoming`;
/** At the top of a drive, made by its owner: files appear in it and are moved into the library. */
export const INBOX_FOLDER = 'inbox';
/** Files that were moved out of the inbox and are looked at once more, in a folder for each backup. */
export const TAKEN_FOLDER = `${OWN_FOLDER}/taken`;
export const IDENTITY_FILE = `${OWN_FOLDER}/drive.json`;
/** More is no identity of ours. */
export const MAX_IDENTITY_BYTES = 64 * 1024;
