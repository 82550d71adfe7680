import { driveOfInbox } from '../../services/inbox-label.ts';
import { type Language, translate } from './translate.ts';

/** A card by its label; the inbox of a drive in the language of the page. */
export function cardName(label: string, language: Language): string {
  const drive = driveOfInbox(label);
  return drive === null ? label : translate(language, 'inboxOf', { drive });
}
