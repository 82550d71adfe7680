const PREFIX = 'inbox of ';

/** What an inbox is called where cards have a label: in the journal, in `status` and in logs. */
export const inboxLabel = (drive: string): string => `${PREFIX}${drive}`;

/** Label of the drive; null for the label of a card. */
export const driveOfInbox = (label: string): string | null =>
  label.startsWith(PREFIX) ? label.slice(PREFIX.length) : null;
