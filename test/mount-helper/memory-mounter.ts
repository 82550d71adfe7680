import type { MountAnswer, Mounter, MountTarget, MountTrouble } from '../../services/devices/ports.ts';

export type MountVerb = 'mount-card' | 'mount-drive' | 'unmount';

export interface MemoryMount {
  readonly path: string;
  readonly key: string;
  readonly readOnly: boolean;
}

export interface MemoryMounterOptions {
  /** Where mount points are made. Default `/media/imagetank`. */
  readonly root?: string;
  /** Whether the medium with this key is in its slot now. Default: all but those that were pulled. */
  readonly isAttached?: (target: MountTarget) => boolean;
  /** A volume was mounted, read-only or not; one that changes from card to drive is unmounted first. */
  readonly onMount?: (mount: MemoryMount, target: MountTarget) => void;
  /** A volume was unmounted. */
  readonly onUnmount?: (mount: MemoryMount) => void;
}

/** The root helper as the daemon sees it, without root: what is mounted is a map. */
export class MemoryMounter implements Mounter {
  /** Every request in order: `mount-card sda1#17`. */
  readonly asked: string[] = [];
  readonly #mounts = new Map<string, MemoryMount>();
  readonly #pulled = new Set<string>();
  readonly #troubles = new Map<string, { readonly answer: MountAnswer; times: number }>();
  readonly #root: string;
  readonly #options: MemoryMounterOptions;
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | null = null;

  constructor(options: MemoryMounterOptions = {}) {
    this.#options = options;
    this.#root = options.root ?? '/media/imagetank';
  }

  /** Whatever is asked for this verb (of this key only, when one is given) has this trouble, for so many times. */
  fail(
    verb: MountVerb,
    trouble: MountTrouble,
    { key = '*', detail = `${verb}: ${trouble}`, times = Number.POSITIVE_INFINITY } = {},
  ): void {
    this.#troubles.set(`${verb} ${key}`, { answer: { ok: false, trouble, detail }, times });
  }

  /** Forgets every trouble. */
  heal(): void {
    this.#troubles.clear();
  }

  /** The medium leaves its slot; its mount stays, as the kernel leaves it. */
  pull(key: string): void {
    this.#pulled.add(key);
  }

  /** Requests are taken and not answered until `release`. */
  hold(): void {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gate = { opened, open };
  }

  release(): void {
    this.#gate?.open();
    this.#gate = null;
  }

  /** What is mounted now, in order of mounting. */
  get mounts(): readonly MemoryMount[] {
    return [...this.#mounts.values()];
  }

  mountCard(target: MountTarget): Promise<MountAnswer> {
    return this.#answer('mount-card', target, () => this.#mount(target, true));
  }

  mountDrive(target: MountTarget): Promise<MountAnswer> {
    return this.#answer('mount-drive', target, () => this.#mount(target, false));
  }

  unmount(target: MountTarget): Promise<MountAnswer> {
    return this.#answer('unmount', target, () => {
      const mount = this.#mounts.get(this.#pathOf(target));
      if (mount?.key === target.key) this.#remove(mount);
      return { ok: true, path: this.#pathOf(target) };
    });
  }

  async #answer(verb: MountVerb, target: MountTarget, act: () => MountAnswer): Promise<MountAnswer> {
    this.asked.push(`${verb} ${target.key}`);
    await this.#gate?.opened;
    return this.#trouble(`${verb} ${target.key}`) ?? this.#trouble(`${verb} *`) ?? act();
  }

  #trouble(question: string): MountAnswer | null {
    const trouble = this.#troubles.get(question);
    if (trouble === undefined) return null;
    trouble.times--;
    if (trouble.times <= 0) this.#troubles.delete(question);
    return trouble.answer;
  }

  #mount(target: MountTarget, readOnly: boolean): MountAnswer {
    const { isAttached = () => true, onMount } = this.#options;
    if (this.#pulled.has(target.key) || !isAttached(target)) {
      return { ok: false, trouble: 'gone', detail: `${target.node} is not there any more` };
    }
    const path = this.#pathOf(target);
    const old = this.#mounts.get(path);
    if (old?.key === target.key && (readOnly || !old.readOnly)) return { ok: true, path };
    if (old !== undefined) this.#remove(old);
    const mount = { path, key: target.key, readOnly };
    this.#mounts.set(path, mount);
    onMount?.(mount, target);
    return { ok: true, path };
  }

  #remove(mount: MemoryMount): void {
    this.#mounts.delete(mount.path);
    this.#options.onUnmount?.(mount);
  }

  #pathOf({ node }: MountTarget): string {
    return `${this.#root}/${node.slice(node.lastIndexOf('/') + 1)}`;
  }
}
