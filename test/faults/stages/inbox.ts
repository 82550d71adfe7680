import { KILLED_AT } from '../calls.ts';
import { AT_ONCE, play } from '../campaign.ts';
import { run, runKilled, runTraced, whyNoStrace } from '../program.ts';
import { spread } from '../random.ts';
import { type Harm, Score, type Stage, skipped } from '../stage.ts';
import { HELD, type SystemCall } from '../trace.ts';
import { judgeQuiet, judgeUploads, libraryOf, type UploadReference, uploadsIn } from '../upload-verdict.ts';
import { ARRIVED, UPLOAD_STORIES, UploadScene, type UploadStory } from '../uploads.ts';

/** Of both stories together; two thirds of them at what moves files. */
const SHORT_POINTS = 18;
/** What changes names: with these the uploads go from one place to the next. */
const MOVES = /^(rename|link|unlink|rmdir|mkdir)/;

/** Killed as it begins one of its system calls while it takes, copies, deletes and gives back uploads. */
export const stage: Stage = {
  name: 'inbox',
  run: async ({ full, seed, print }) => {
    const why = whyNoStrace();
    if (why !== null) return skipped(why);
    const score = new Score(print);
    for (const story of UPLOAD_STORIES) {
      const scenes = Array.from({ length: AT_ONCE }, () => new UploadScene(story));
      try {
        for (const scene of scenes) await scene.prepare();
        const { points, reference } = await seen(scenes[0] as UploadScene);
        const chosen = full ? points : sample(points, seed);
        await play({ scenes }, chosen, (point, scene) => tryPoint(point, scene, reference, score), print);
      } finally {
        for (const scene of scenes) scene.remove();
      }
    }
    return score.figures();
  },
};

/** What the run asks of the system on the drive and in the journal, and where it all lies when it went well. */
async function seen(scene: UploadScene): Promise<{
  readonly points: readonly SystemCall[];
  readonly reference: UploadReference;
}> {
  const { boot } = scene.story;
  scene.reset();
  const uploads = uploadsIn(scene);
  const { words, errors, calls } = await runTraced(scene.order(boot), KILLED_AT);
  if (words?.light !== 'ready') throw new Error(`a run without faults is not green: ${errors}`);
  const points = calls.filter(({ name, path, first }) => {
    const isOurs = path.startsWith(`${scene.root}/`) || path.startsWith(HELD);
    // The client of the story is another program.
    return first && isOurs && !(name === 'renameat2' && path.endsWith(ARRIVED));
  });
  await run(scene.order(boot + 1));
  return { points, reference: { uploads, library: libraryOf(scene) } };
}

function sample(points: readonly SystemCall[], seed: number): readonly SystemCall[] {
  const each = Math.ceil(SHORT_POINTS / UPLOAD_STORIES.length);
  const most = Math.ceil((each * 2) / 3);
  const moves = points.filter(({ name }) => MOVES.test(name));
  const others = points.filter(({ name }) => !MOVES.test(name));
  return [...spread(moves, most, seed), ...spread(others, each - most, seed)];
}

async function tryPoint(
  { name, count, path }: SystemCall,
  scene: UploadScene,
  reference: UploadReference,
  score: Score,
): Promise<void> {
  const { story }: { readonly story: UploadStory } = scene;
  const note = (harm: Harm, text: string) =>
    score.note(harm, `${story.name}, ${name} #${count} (${path}): ${text}`);
  try {
    const killed = await runKilled(scene.order(story.boot), name, count);
    if (killed.hung) note('wrong', 'hung');
    if (killed.signal === 'SIGKILL') score.tried();
    judgeUploads(scene, reference, note);
    // The first run takes what is left, the second one deletes what the first one took.
    for (const later of [1, 2]) {
      const again = await run(scene.order(story.boot + later));
      judgeUploads(scene, reference, note);
      if (later === 2) await judgeQuiet(scene, again, reference, note);
    }
  } catch (error) {
    note('wrong', String(error));
  }
}
