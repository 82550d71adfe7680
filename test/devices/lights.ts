import type { Fact } from '../../machines/facts.ts';
import { ready } from '../machines/story.ts';

/** The signals that these facts lead through with an adopted drive attached, each change once. */
export function lightsOf(facts: readonly Fact[]): readonly string[] {
  const story = ready();
  const signals: string[] = [story.signal];
  for (const fact of facts) {
    const { signal } = story.tell(fact);
    if (signal !== signals.at(-1)) signals.push(signal);
  }
  return signals;
}
