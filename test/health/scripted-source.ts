import type { AskedDisk, HealthSource, Reading } from '../../services/health/ports.ts';

/** A machine as the test says. */
export class ScriptedSource implements HealthSource {
  quickly: readonly Reading[] = [];
  slowly: readonly Reading[] = [];
  readonly verdicts = new Map<string, Extract<Reading, { readonly check: 'disk' }>>();
  own: AskedDisk | null = null;
  /** Subjects, a list for each question. */
  readonly asked: (readonly string[])[] = [];
  /** Keeps `slow` and `disks` waiting. */
  gate: Promise<void> = Promise.resolve();
  counts = { quick: 0, slow: 0, stop: 0 };
  /** Breaks the word that nothing throws. */
  broken = false;

  quick(): readonly Reading[] {
    this.counts.quick += 1;
    if (this.broken) throw new Error('no sensors');
    return this.quickly;
  }

  async slow(): Promise<readonly Reading[]> {
    this.counts.slow += 1;
    await this.gate;
    if (this.broken) throw new Error('no answer');
    return this.slowly;
  }

  async disks(disks: readonly AskedDisk[]): Promise<readonly Reading[]> {
    this.asked.push(disks.map((disk) => disk.subject));
    await this.gate;
    return disks.flatMap(({ subject }) => this.verdicts.get(subject) ?? []);
  }

  async stateDisk(): Promise<AskedDisk | null> {
    return this.own;
  }

  async stop(): Promise<void> {
    this.counts.stop += 1;
  }
}
