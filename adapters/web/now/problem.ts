import { ADVICE } from '../../../machines/reasons.ts';
import type { NoteCode, Problem } from '../../../services/shapes.ts';
import { TEXTS, type TextKey } from '../texts.ts';

/** What the page says of a problem in its own words. */
export interface ProblemWords {
  /** Null: a code of a newer server, whose own message is all there is. */
  readonly title: TextKey | null;
  readonly todo: TextKey | null;
  /** What it is about and what exactly, as the server says it; may be empty. */
  readonly about: string;
}

export function problemWords({ code, message }: Pick<Problem, 'code' | 'message'>): ProblemWords {
  const [title, todo] = [keyOf(`problem.${code}`), keyOf(`todo.${code}`)];
  return {
    title,
    todo,
    about: todo === null || TOLD_IN_FULL.has(code) ? message : withoutAdvice(code, message),
  };
}

/** Of these each message is another one: nothing of it is said elsewhere. */
const TOLD_IN_FULL: ReadonlySet<string> = new Set([
  'note',
  'inbox',
  'settings',
  'network',
] satisfies NoteCode[]);

const keyOf = (key: string): TextKey | null => (Object.hasOwn(TEXTS, key) ? (key as TextKey) : null);

/** The advice stands below in the language of the page: what is left is the subject and the detail. */
function withoutAdvice(code: string, message: string): string {
  const advice = (ADVICE as Readonly<Record<string, string>>)[code];
  const rest =
    advice !== undefined && message.endsWith(advice) ? message.slice(0, -advice.length) : firstPart(message);
  return rest.trim().replace(/[:.]$/, '');
}

/** `Temperature: 81.2 °C. The processor is hot: …` and `SSD-B: little space left, …`. */
const firstPart = (message: string): string =>
  /^.*?\.(?= [A-Z])/s.exec(message)?.[0] ?? message.replace(/: .*$/s, '');
