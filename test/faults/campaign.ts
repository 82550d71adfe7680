import { runTraced } from './program.ts';
import { Scene, type Story } from './story.ts';
import { HELD, type SystemCall } from './trace.ts';
import { type Reference, referenceOf } from './verdict.ts';

const TELL_EVERY_MS = 60_000;

/** As many as CI has cores. */
export const AT_ONCE = 2;

/** Scenes of one story, each for itself, and what a run without faults does in them. */
export interface Campaign {
  readonly scenes: readonly Scene[];
  readonly reference: Reference;
  /** Calls on what belongs to the story, in the order of the run. */
  readonly calls: readonly SystemCall[];
}

export async function openCampaign(story: Story, calls: readonly string[]): Promise<Campaign> {
  const scenes = Array.from({ length: AT_ONCE }, () => new Scene(story));
  for (const scene of scenes) await scene.prepare();
  const scene = scenes[0] as Scene;
  scene.reset();
  const ended = await runTraced(scene.order('once'), calls);
  if (ended.words?.light !== 'ready') throw new Error(`a run without faults is not green: ${ended.errors}`);
  const own = ended.calls.flatMap((call) => {
    if (call.path.startsWith(HELD)) return [call];
    const isOurs = call.path === scene.root || call.path.startsWith(`${scene.root}/`);
    return isOurs ? [{ ...call, path: call.path.slice(scene.root.length + 1) }] : [];
  });
  return { scenes, reference: referenceOf(scene), calls: own };
}

/** Where one story is played again and again. */
interface Stage {
  readonly story: { readonly name: string };
  reset(): void;
}

/** Every item in some scene, each scene one after the other. Where that takes minutes, each minute says how far it is. */
export async function play<T, S extends Stage>(
  { scenes }: { readonly scenes: readonly S[] },
  items: readonly T[],
  action: (item: T, scene: S) => Promise<void>,
  print: (line: string) => void,
): Promise<void> {
  const waiting = [...items];
  const far = setInterval(() => {
    print(`  ${scenes[0]?.story.name}: ${items.length - waiting.length} of ${items.length} points`);
  }, TELL_EVERY_MS);
  try {
    await playAll(scenes, waiting, action);
  } finally {
    clearInterval(far);
  }
}

async function playAll<T, S extends Stage>(
  scenes: readonly S[],
  waiting: T[],
  action: (item: T, scene: S) => Promise<void>,
): Promise<void> {
  await Promise.all(
    scenes.map(async (scene) => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
        scene.reset();
        await action(item, scene);
      }
    }),
  );
}

export function close({ scenes }: Campaign): void {
  for (const scene of scenes) scene.remove();
}
