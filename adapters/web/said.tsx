import { language } from './i18n.ts';
import { sentenceIn } from './sentence.ts';

/** What the box said, in the language of the page as far as that is known. */
export function Said({ text: said }: { readonly text: string }) {
  const { text, lang } = sentenceIn(language.value, said);
  return <span lang={lang}>{text}</span>;
}
