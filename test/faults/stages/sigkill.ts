import { KILLED_AT } from '../calls.ts';
import { type Campaign, close, openCampaign, play } from '../campaign.ts';
import { run, runKilled, whyNoStrace } from '../program.ts';
import { spread } from '../random.ts';
import { type Harm, Score, type Stage, skipped } from '../stage.ts';
import { type Scene, STORIES } from '../story.ts';
import type { SystemCall } from '../trace.ts';
import { judgeMoment, judgeRecovered } from '../verdict.ts';

/** Of all stories together. */
const SHORT_POINTS = 90;

/** Killed as it begins one of its system calls, whichever thread makes it, and started again. */
export const stage: Stage = {
  name: 'sigkill',
  run: async ({ full, seed, print }) => {
    const why = whyNoStrace();
    if (why !== null) return skipped(why);
    const score = new Score(print);
    for (const story of STORIES) {
      const campaign = await openCampaign(story, KILLED_AT);
      try {
        // Counts are a thread's: at one that another thread came to before, the other would be killed.
        const points = campaign.calls.filter(({ first }) => first);
        const limit = full ? Number.POSITIVE_INFINITY : Math.ceil(SHORT_POINTS / STORIES.length);
        const chosen = spread(points, limit, seed);
        await play(campaign, chosen, (point, scene) => tryPoint(point, scene, campaign, score), print);
      } finally {
        close(campaign);
      }
    }
    return score.figures();
  },
};

async function tryPoint(
  point: SystemCall,
  scene: Scene,
  { reference }: Campaign,
  score: Score,
): Promise<void> {
  const { name, count, path } = point;
  const note = (harm: Harm, text: string) =>
    score.note(harm, `${scene.story.name}, ${name} #${count} (${path}): ${text}`);
  try {
    const killed = await runKilled(scene.order('once'), name, count);
    if (killed.hung) note('wrong', 'hung');
    const journal = await judgeMoment(scene, killed, reference, note);
    // The threads of this run shared their work otherwise: nobody came to this count.
    if (killed.signal === 'SIGKILL') score.tried();
    const again = await run(scene.order('twice'));
    await judgeRecovered(scene, journal, again, reference, note);
  } catch (error) {
    // A journal or a manifest that cannot be read at all must not hide what the other points find.
    note('wrong', String(error));
  }
}
