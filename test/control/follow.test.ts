import { TestScheduler } from 'rxjs/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { BackupStatus, HistoryLine } from '../../services/shapes.ts';
import { backupFinished, backupInterrupted, backupPlanned, card, drive } from '../machines/story.ts';
import { flush } from '../runtime/kit.ts';
import { controlKit } from './kit.ts';

let kit: ReturnType<typeof controlKit>;
const order = { card: null, to: null, fit: false, wait: false };

/** Everything that a follower hears, in words. */
function follow(id: string) {
  const heard: string[] = [];
  kit.control.follow(id).subscribe({
    next: (message) => {
      if ('progress' in message) heard.push(BackupStatus.parse(message.progress).phase);
      else heard.push(`result ${HistoryLine.parse(message.result).outcome}`);
    },
    error: (error) => heard.push(`error ${error.exitCode} ${error.code}`),
    complete: () => heard.push('end'),
  });
  return heard;
}

async function begin(...labels: readonly string[]) {
  for (const label of labels) kit.devices.insert(card(label), 'manual');
  const started = await kit.control.backup(order);
  await flush();
  return started.map((one) => one.id);
}

beforeEach(async () => {
  kit = controlKit();
  await kit.started();
  kit.devices.plug(drive('D'));
});

describe('following a backup', () => {
  test('tells each phase, and its history line last', async () => {
    const [id = ''] = await begin('A');
    const heard = follow(id);
    const { backupId } = kit.engine.at(0).run;
    await kit.engine.tell(
      0,
      backupPlanned(backupId, 'A'),
      { type: 'CardRead', backupId },
      { type: 'BackupFlushed', backupId },
      { type: 'BackupVerified', backupId },
    );
    await kit.engine.end(0, backupFinished(backupId, 'A'));
    expect(heard).toEqual(['planned', 'copying', 'flushing', 'verifying', 'sealing', 'result done', 'end']);
  });

  test('that has ended gives its history line at once', async () => {
    const [id = ''] = await begin('A');
    await kit.engine.end(0, backupInterrupted(kit.engine.at(0).run.backupId, 'A', 'card-removed'));
    expect(follow(id)).toEqual(['result interrupted', 'end']);
  });

  test('that ends before somebody listens does not keep him waiting', async () => {
    const [id = ''] = await begin('A');
    const later$ = kit.control.follow(id);
    await kit.engine.end(0, backupFinished(kit.engine.at(0).run.backupId, 'A'));
    const heard: boolean[] = [];
    later$.subscribe({
      next: (message) => heard.push('result' in message),
      complete: () => heard.push(true),
    });
    expect(heard).toEqual([true, true]);
  });

  test('that nobody knows is refused at once', () => {
    expect(() => kit.control.follow('20261121-1')).toThrow(
      expect.objectContaining({ exitCode: 66, code: 'unknown-backup' }),
    );
  });

  test('that waits in the queue ends with an error when its card is pulled', async () => {
    const ids = await begin('A', 'B', 'C');
    const heard = follow(ids[2] ?? '');
    kit.devices.pull(card('C').id);
    await flush();
    expect(heard).toEqual(['planned', 'error 1 interrupted']);
    expect(() => kit.control.follow(ids[2] ?? '')).toThrow(expect.objectContaining({ exitCode: 1 }));
  });

  test('hears nothing of other backups', async () => {
    const ids = await begin('A', 'B');
    const heard = follow(ids[1] ?? '');
    await kit.engine.end(0, backupFinished(kit.engine.at(0).run.backupId, 'A'));
    kit.engine
      .at(0)
      .hooks.progress({ filesDone: 1, filesTotal: 10, bytesDone: 1, bytesTotal: 1000, drives: [] });
    expect(heard).toEqual(['planned']);
  });

  test('bytes are told at most every 200 ms, the last word included', async () => {
    const [id = ''] = await begin('A', 'B');
    const { hooks } = kit.engine.at(0);
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    scheduler.run(({ cold }) => {
      const told: (readonly [number, number])[] = [];
      kit.control.follow(id).subscribe((message) => {
        if ('progress' in message) told.push([scheduler.now(), message.progress.bytesDone]);
      });
      let bytesDone = 0;
      cold('50ms a 50ms b 50ms c 500ms d').subscribe(() => {
        bytesDone += 100;
        hooks.progress({ filesDone: 0, filesTotal: 1, bytesDone, bytesTotal: 1000, drives: [] });
        kit.engine
          .at(1)
          .hooks.progress({ filesDone: 9, filesTotal: 10, bytesDone: 9, bytesTotal: 1000, drives: [] });
      });
      scheduler.flush();
      expect(told).toEqual([
        [0, 0],
        [50, 100],
        [250, 300],
        [653, 400],
      ]);
    });
  });
});
