import type { Records } from './box-records.ts';
import { type Message, type Question, type Resource, sameName, sameResource } from './dns.ts';

/** Who does not listen to the group must ask again soon (RFC 6762, section 6.7). */
const LEGACY_TTL_SECONDS = 10;

export interface Answer {
  readonly answers: readonly Resource[];
  readonly additionals: readonly Resource[];
}

/** Null where there is nothing to say, or all of it is known (RFC 6762, sections 6 and 7.1). */
export function answerTo({ questions, answers: known }: Message, records: Records): Answer | null {
  const found = new Set(questions.flatMap((question) => matching(question, records)));
  const answers = [...found].filter((record) => !isKnown(record, known));
  if (answers.length === 0) return null;
  const additionals = new Set(answers.flatMap((answer) => goesWith(answer, records)));
  return { answers, additionals: [...additionals].filter((record) => !found.has(record)) };
}

function matching(question: Question, { unique, shared, nothingElse }: Records): readonly Resource[] {
  const named = ({ name }: Resource) => sameName(name, question.name);
  const asked = ({ data }: Resource) => question.type === 'ANY' || data.type === question.type;
  const found = [...unique, ...shared].filter((record) => named(record) && asked(record));
  return found.length > 0 ? found : nothingElse.filter(named);
}

/** Less than half of its life is left to what a cache has: then it is told anew. */
const isKnown = (record: Resource, known: readonly Resource[]) =>
  known.some((one) => sameResource(one, record) && one.ttlSeconds * 2 >= record.ttlSeconds);

/** Whoever asked this asks that next (RFC 6763, section 12). */
function goesWith({ name, data }: Resource, records: Records): readonly Resource[] {
  const all = [...records.unique, ...records.nothingElse];
  const of = (other: string) => all.filter((record) => sameName(record.name, other));
  switch (data.type) {
    case 'PTR':
      return of(data.target).flatMap((record) => [
        record,
        ...(record.data.type === 'SRV' ? of(record.data.target) : []),
      ]);
    case 'SRV':
      return of(data.target);
    case 'A':
    case 'AAAA':
      return of(name);
    case 'TXT':
    case 'NSEC':
    case 'other':
      return [];
  }
}

/** As an ordinary DNS server would say it, to the one question of an ordinary client. */
export function legacyAnswer(query: Message, { answers, additionals }: Answer): Message {
  const short = (record: Resource): Resource => ({
    ...record,
    unique: false,
    ttlSeconds: Math.min(record.ttlSeconds, LEGACY_TTL_SECONDS),
  });
  return {
    kind: 'response',
    id: query.id,
    questions: query.questions.filter(({ name }) => answers.some((answer) => sameName(answer.name, name))),
    answers: answers.map(short),
    authorities: [],
    additionals: additionals.map(short),
  };
}
