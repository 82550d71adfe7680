/** Where imagetank keeps what is its own on a drive. */
export const OWN_FOLDER = '.imagetank';
/** Files on their way; `clearIncoming` removes what a crash left. */
export const INCOMING_FOLDER = `${OWN_FOLDER}/incoming`;
export const IDENTITY_FILE = `${OWN_FOLDER}/drive.json`;
/** More is no identity of ours. */
export const MAX_IDENTITY_BYTES = 64 * 1024;
