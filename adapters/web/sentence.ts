import { cardName } from './card-name.ts';
import { SENTENCES } from './texts/sentences.ts';
import type { Text } from './texts/text.ts';
import { TEXTS } from './texts.ts';
import type { Language } from './translate.ts';

/** As read out: `lang` where it is not the language of the page. */
export interface Sentence {
  readonly text: string;
  readonly lang?: 'en';
}

const HOLE = /\{(\w+)\}/;
const NUMBER = '\\d[\\d,]*';
/** Of a label, `SSD-A: …`; an inbox has `inbox of SSD-A: …`. */
const SUBJECT = '(?<subject>.*?: |)';

/** What the box said in English, in the language of the page; as it is, where the page has no words of its own for it. */
export function sentenceIn(language: Language, said: string): Sentence {
  if (language === 'en') return { text: said };
  for (const { pattern, text } of patterns()) {
    const holes = pattern.exec(said)?.groups;
    if (holes !== undefined) {
      return { text: `${subjectIn(language, holes['subject'] ?? '')}${filled(text[language], holes)}` };
    }
  }
  return { text: said, lang: 'en' };
}

const subjectIn = (language: Language, subject: string): string =>
  subject === '' ? '' : `${cardName(subject.slice(0, -2), language)}: `;

interface Pattern {
  readonly pattern: RegExp;
  readonly text: Text;
}

let made: readonly Pattern[] | null = null;

const patterns = (): readonly Pattern[] => {
  made ??= SENTENCES.map((text) => ({ pattern: new RegExp(`^${SUBJECT}${patternOf(text.en)}$`, 's'), text }));
  return made;
};

/** Every second part is the name of a hole. */
const patternOf = (sentence: string): string =>
  sentence
    .split(HOLE)
    .map((part, at) => (at % 2 === 0 ? literal(part) : `(?<${part}>${isNumber(part) ? NUMBER : '.+?'})`))
    .join('');

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const isNumber = (hole: string): boolean => hole === 'count' || hole === 'bytes' || hole === 'size';

const filled = (text: string, holes: Readonly<Record<string, string>>): string =>
  text
    .split(HOLE)
    .map((part, at) => (at % 2 === 0 ? part : inWords(part, holes[part] ?? '')))
    .join('');

/** German only: it is the one other language of the page. */
function inWords(hole: string, value: string): string {
  if (isNumber(hole)) return new Intl.NumberFormat('de').format(Number(value.replaceAll(',', '')));
  if (hole === 'names') {
    return value.replace(/(?: and|,) (\d+) (?:others?|more)$/, ' und $1 weitere');
  }
  const title = `problem.${value}`;
  return hole === 'reason' && Object.hasOwn(TEXTS, title) ? TEXTS[title as keyof typeof TEXTS].de : value;
}
