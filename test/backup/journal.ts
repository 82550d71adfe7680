import { memoryStore } from '../../adapters/memory/memory-store.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import type { Fact, FactOf, FactType } from '../../machines/facts.ts';
import type { PhotoShelf } from '../../services/library/ports.ts';
import type { Catalogue } from '../../services/ports.ts';

/** A journal in memory with the catalogue that follows from it; what is in it survives a "killed" backup. */
export class Journal {
  readonly #store = memoryStore();
  readonly #clock = new VirtualClock();

  readonly emit = async (fact: Fact): Promise<void> => {
    await this.#store.log.append([{ fact, stamp: this.#clock.stamp() }]);
  };

  get facts(): readonly Fact[] {
    return [...this.#store.log.read()].map(({ fact }) => fact);
  }

  get catalogue(): Catalogue {
    return this.#store.catalogue;
  }

  get shelf(): PhotoShelf {
    return this.#store.shelf;
  }

  of<Type extends FactType>(type: Type): readonly FactOf<Type>[] {
    return this.facts.filter((fact): fact is FactOf<Type> => fact.type === type);
  }

  last(): Fact {
    return this.facts.at(-1)!;
  }
}
