import type { TextKey } from '../../adapters/web/texts.ts';
import { translate } from '../../adapters/web/translate.ts';

/** A text of the page, as it stands in its catalogue: a test that spells it out would fail with each better word. */
export const t = (key: TextKey, values: Parameters<typeof translate>[2] = {}): string =>
  translate('en', key, values);
