/** All words of the page, in both languages: a part a subject. See `translate.ts` for what stands between braces. */
import { GALLERY } from './gallery/texts.ts';
import { CHECK } from './texts/check.ts';
import { FRAME } from './texts/frame.ts';
import { HISTORY } from './texts/history.ts';
import { NOW } from './texts/now.ts';
import { PAIRING } from './texts/pairing.ts';
import { POWER } from './texts/power.ts';
import { PROBLEMS } from './texts/problems.ts';
import { REFUSALS } from './texts/refusals.ts';
import { SETTINGS } from './texts/settings.ts';
import { UPLOAD } from './upload/texts.ts';

export const TEXTS = {
  ...FRAME,
  ...NOW,
  ...CHECK,
  ...PROBLEMS,
  ...REFUSALS,
  ...POWER,
  ...HISTORY,
  ...PAIRING,
  ...SETTINGS,
  ...GALLERY,
  ...UPLOAD,
};

export type TextKey = keyof typeof TEXTS;
