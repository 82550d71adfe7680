import { describe, expect, test } from 'vitest';
import { codeOf, contextOf, phaseOf, publicStateOf } from '../../machines/decide.ts';
import type { Fact } from '../../machines/facts.ts';
import type { BackupId } from '../../machines/ids.ts';
import {
  backupFailed,
  backupFinished,
  backupInterrupted,
  backupPlanned,
  backupRequested,
  card,
  cardAttached,
  cardDetached,
  copying,
  daemonStarted,
  devicesKnown,
  drive,
  driveAttached,
  driveDetached,
  finished,
  given,
  ready,
  timerElapsed,
} from './story.ts';

describe('from power to green', () => {
  test('error 9 while booting, when something goes wrong inside; the devices do not hide it', () => {
    const story = given(daemonStarted()).tell({
      type: 'InternalErrorOccurred',
      reason: 'state-disk-full',
      detail: 'no room',
    });
    expect([story.signal, codeOf(story.state), publicStateOf(story.state)]).toEqual(['error', 9, 'boot']);
    story.tell(driveAttached('D'), devicesKnown());
    expect([story.signal, publicStateOf(story.state)]).toEqual(['error', 'error']);
    story.tell({ type: 'Acknowledged' });
    expect(story.signal).toBe('ready');
  });

  test('an acknowledgement while booting is no green light: the devices are not known yet', () => {
    const story = given(daemonStarted(), driveAttached('D')).tell(
      { type: 'InternalErrorOccurred', reason: 'internal', detail: 'x' },
      { type: 'Acknowledged' },
    );
    expect(story.signal).toBe('booting');
    expect(story.tell(devicesKnown()).signal).toBe('ready');
  });

  test('booting until the devices are known, waiting without a drive, ready with one', () => {
    const story = given(daemonStarted());
    expect(story.signal).toBe('booting');
    expect(story.tell(devicesKnown()).signal).toBe('waiting');
    expect(story.tell(driveAttached('D')).signal).toBe('ready');
  });

  test('a drive that is not adopted or not writable is no drive', () => {
    expect(given(daemonStarted(), devicesKnown(), driveAttached('D', { adopted: false })).signal).toBe(
      'waiting',
    );
    expect(given(daemonStarted(), devicesKnown(), driveAttached('D', { writable: false })).signal).toBe(
      'waiting',
    );
  });

  test('a drive that turns read-only stops being one', () => {
    expect(ready().tell(driveAttached('D', { writable: false })).signal).toBe('waiting');
  });

  test('green goes out when the kernel announces a device, before it is known what it is', () => {
    const story = ready().tell(
      { type: 'DeviceAnnounced', device: 'sda1' },
      { type: 'DeviceAnnounced', device: 'sda1' },
    );
    expect(story.signal).toBe('attention');
    expect(story.tell({ type: 'DeviceSettled', device: 'sda1' }).signal).toBe('ready');
  });
});

describe('a backup from card to green', () => {
  test('attention while the card settles, then copying, verifying, ready', () => {
    const story = ready().tell(cardAttached('A'));
    expect(story.signal).toBe('attention');
    expect(story.names()).toEqual(['timer.arm']);
    story.tell(timerElapsed('settleDelay'));
    expect(story.signal).toBe('copying');
    expect(story.commands).toEqual([
      expect.objectContaining({ type: 'backup.start', driveIds: [drive('D').id], fit: false }),
    ]);
    const id = story.backupOf('A');
    expect(phaseOf(story.state, id)).toBe('planned');
    story.tell(backupPlanned(id, 'A'));
    expect(phaseOf(story.state, id)).toBe('copying');
    story.tell({ type: 'CardRead', backupId: id });
    expect(story.signal).toBe('verifying');
    expect(phaseOf(story.state, id)).toBe('flushing');
    story.tell({ type: 'BackupFlushed', backupId: id });
    expect(phaseOf(story.state, id)).toBe('verifying');
    story.tell({ type: 'BackupVerified', backupId: id });
    expect(phaseOf(story.state, id)).toBe('sealing');
    story.tell(backupFinished(id, 'A'));
    expect(story.signal).toBe('ready');
    expect(phaseOf(story.state, id)).toBeNull();
  });

  test('a bouncing reader arms the settle timer anew and starts one backup', () => {
    const story = ready().tell(cardAttached('A'), cardDetached('A'), cardAttached('A'));
    expect(story.names()).toEqual(['timer.disarm', 'timer.arm']);
    expect(story.tell(timerElapsed('settleDelay')).names()).toEqual(['backup.start']);
    expect(story.tell(timerElapsed('settleDelay')).names()).toEqual([]);
  });

  test('a card that waits for a person keeps the light at attention until asked for', () => {
    const story = ready().tell(cardAttached('A', 'manual'), timerElapsed('settleDelay'));
    expect(story.signal).toBe('attention');
    expect(story.tell(backupRequested('A')).names()).toEqual(['backup.start']);
    expect(story.tell(backupRequested('A')).names()).toEqual([]);
  });

  test('verified from cache only is attention, not green', () => {
    const story = copying();
    story.tell(backupFinished(story.backupOf('A'), 'A', false));
    expect(story.signal).toBe('attention');
  });

  test('a request for an unknown card changes nothing', () => {
    expect(ready().tell(backupRequested('nobody')).signal).toBe('ready');
  });

  test('only the drive that was asked for is written; another one does not start it', () => {
    const story = ready().tell(cardAttached('A', 'manual'), timerElapsed('settleDelay'));
    story.tell(backupRequested('A', { driveId: drive('E').id }));
    expect(story.names()).toEqual([]);
    expect(story.tell(driveAttached('E')).commands).toEqual([
      expect.objectContaining({ type: 'backup.start', driveIds: [drive('E').id] }),
    ]);
  });
});

describe('several cards', () => {
  test('two are copied at once, the third waits and starts when one ends', () => {
    const story = ready().tell(cardAttached('A'), cardAttached('B'), cardAttached('C'));
    story.tell(timerElapsed('settleDelay'));
    expect(story.names()).toEqual(['backup.start', 'backup.start']);
    expect(contextOf(story.state).queue.map((entry) => entry.cardId)).toEqual(['card-C']);
    const ids = [story.backupOf('A'), story.backupOf('B')];
    expect(new Set(ids).size).toBe(2);
    finished(story, 'A');
    expect(story.names()).toEqual(['backup.start']);
    finished(story, 'B');
    expect(story.signal).toBe('copying');
    expect(finished(story, 'C').signal).toBe('ready');
  });

  test('verifying only when the bytes of all cards are read and nothing is queued', () => {
    const story = ready().tell(
      cardAttached('A'),
      cardAttached('B'),
      cardAttached('C'),
      timerElapsed('settleDelay'),
    );
    story.tell(
      { type: 'CardRead', backupId: story.backupOf('A') },
      { type: 'CardRead', backupId: story.backupOf('B') },
    );
    expect(story.signal).toBe('copying');
    finished(story, 'A');
    expect(story.signal).toBe('copying');
    story.tell({ type: 'CardRead', backupId: story.backupOf('C') });
    expect(story.signal).toBe('verifying');
    expect(story.tell(cardAttached('E'), timerElapsed('settleDelay')).signal).toBe('copying');
  });
});

describe('cards that are pulled', () => {
  test('before its last byte was read: the backup stops and error 6 shows', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell(cardDetached('A'));
    expect(story.commands).toEqual([{ type: 'backup.stop', backupId: id, why: 'card-removed' }]);
    story.tell(backupInterrupted(id, 'A', 'card-removed'));
    expect(story.light).toEqual({ signal: 'error', code: 6, activity: null });
  });

  test('after its last byte was read: nothing stops and the light becomes green', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell(backupPlanned(id, 'A'), { type: 'CardRead', backupId: id }, cardDetached('A'));
    expect(story.names()).toEqual([]);
    expect(story.tell(backupFinished(id, 'A')).signal).toBe('ready');
  });

  test('inserted again while its backup still verifies: the old backup does not protect the new insertion', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell(
      { type: 'CardRead', backupId: id },
      cardDetached('A'),
      cardAttached('A'),
      timerElapsed('settleDelay'),
    );
    expect(story.names()).toEqual([]);
    story.tell(backupFinished(id, 'A'));
    expect(story.signal).toBe('copying');
    expect(story.names()).toEqual(['backup.start']);
  });

  test('while it waits in the queue: error 6, and it starts when it returns', () => {
    const story = ready().tell(
      cardAttached('A'),
      cardAttached('B'),
      cardAttached('C'),
      timerElapsed('settleDelay'),
    );
    story.tell(cardDetached('C'));
    expect(story.light).toEqual({ signal: 'error', code: 6, activity: 'copying' });
    finished(story, 'A');
    finished(story, 'B');
    story.tell(cardAttached('C', 'manual'), timerElapsed('settleDelay'));
    expect(story.names()).toEqual(['backup.start']);
    expect(finished(story, 'C').signal).toBe('ready');
  });

  test('while it settles: a bounce, no error', () => {
    expect(ready().tell(cardAttached('A'), cardDetached('A')).signal).toBe('ready');
  });

  test('an unknown card that is detached changes nothing', () => {
    expect(ready().tell(cardDetached('nobody')).signal).toBe('ready');
  });
});

describe('errors', () => {
  test('a card without a drive is error 2, and starts by itself when a drive comes', () => {
    const story = given(daemonStarted(), devicesKnown(), cardAttached('A'), timerElapsed('settleDelay'));
    expect(story.light).toEqual({ signal: 'error', code: 2, activity: null });
    story.tell(driveAttached('D'));
    expect(story.names()).toEqual(['backup.start']);
    expect(story.light).toEqual({ signal: 'error', code: 2, activity: 'copying' });
    story.tell({ type: 'CardRead', backupId: story.backupOf('A') });
    expect(story.light).toEqual({ signal: 'error', code: 2, activity: 'verifying' });
    expect(story.tell(backupFinished(story.backupOf('A'), 'A')).signal).toBe('ready');
  });

  test('a card without a drive that is pulled keeps its error 2', () => {
    const story = given(daemonStarted(), devicesKnown(), cardAttached('A'), timerElapsed('settleDelay'));
    expect(story.tell(cardDetached('A')).light.code).toBe(2);
  });

  test('a card that was there before the first listing is error 2 when there is no drive', () => {
    const story = given(daemonStarted(), cardAttached('A'), timerElapsed('settleDelay'));
    expect(story.signal).toBe('booting');
    expect(story.tell(devicesKnown()).light.code).toBe(2);
  });

  test('acknowledged while the failed card is attached: attention, never green', () => {
    const story = copying();
    story.tell(backupFailed(story.backupOf('A'), 'A', 'card-unreadable'));
    expect(story.light).toEqual({ signal: 'error', code: 4, activity: null });
    expect(publicStateOf(story.state)).toBe('error');
    expect(story.tell({ type: 'Acknowledged' }).signal).toBe('attention');
    expect(story.tell(cardDetached('A')).signal).toBe('ready');
  });

  test('a missing drive that was acknowledged is not told again because another device settles', () => {
    const story = given(daemonStarted(), devicesKnown(), cardAttached('A'), timerElapsed('settleDelay'));
    expect(story.light.code).toBe(2);
    expect(story.tell({ type: 'Acknowledged' }).signal).toBe('attention');
    story.tell(cardAttached('B', 'manual'), timerElapsed('settleDelay'));
    expect(story.signal).toBe('attention');
    // It concerns the card that waits since, and that one alone.
    story.tell(cardAttached('C'), timerElapsed('settleDelay'));
    expect(story.light.code).toBe(2);
    expect(contextOf(story.state).errors.map(({ subject }) => subject)).toEqual(['C']);
  });

  test('the lowest code of several is shown; red goes on beside a running copy', () => {
    const story = ready().tell(cardAttached('A'), cardAttached('B'), timerElapsed('settleDelay'));
    story.tell(backupFailed(story.backupOf('A'), 'A', 'verify-mismatch'));
    expect(story.light).toEqual({ signal: 'error', code: 5, activity: 'copying' });
    expect(publicStateOf(story.state)).toBe('copying');
    story.tell({ type: 'InternalErrorOccurred', reason: 'internal', detail: 'x' });
    expect(codeOf(story.state)).toBe(5);
    story.tell({ type: 'CardRefused', device: 'sdz1', reason: 'mount-failed', detail: '' });
    expect(codeOf(story.state)).toBe(5);
    expect(story.tell({ type: 'Acknowledged' }).light).toEqual({
      signal: 'copying',
      code: null,
      activity: null,
    });
    expect(codeOf(story.state)).toBeNull();
  });

  test('the card succeeds after all: its error goes, others stay', () => {
    const story = copying();
    story.tell(backupFailed(story.backupOf('A'), 'A', 'card-unreadable'));
    story.tell({ type: 'CardRefused', device: 'sdz1', reason: 'mount-failed', detail: '' });
    story.tell(backupRequested('A'));
    finished(story, 'A');
    expect(story.light.code).toBe(8);
    expect(contextOf(story.state).errors).toHaveLength(1);
  });

  test('a second refusal of another device is an error of its own', () => {
    const story = ready().tell({ type: 'CardRefused', device: 'sdy', reason: 'mount-failed', detail: '' });
    story.tell({ type: 'CardRefused', device: 'sdz', reason: 'mount-failed', detail: '' });
    story.tell({ type: 'CardRefused', device: 'sdz', reason: 'weak-power', detail: '' });
    expect(contextOf(story.state).errors.map((error) => error.subject)).toEqual(['sdy', 'sdz']);
  });

  test('another drive mends a full or lost drive by itself, but not a bad card', () => {
    const full = copying();
    full.tell(backupFailed(full.backupOf('A'), 'A', 'drive-full'), driveAttached('E'));
    expect(full.names()).toEqual(['backup.start']);
    const bad = copying();
    bad.tell(backupFailed(bad.backupOf('A'), 'A', 'card-unreadable'), driveAttached('E'));
    expect(bad.names()).toEqual([]);
  });

  test('a copy that went bad takes the green away', () => {
    const story = finished(copying());
    expect(story.signal).toBe('ready');
    story.tell({ type: 'CopiesLost', backupId: null, driveId: drive('D').id, files: [] });
    expect(story.signal).toBe('attention');
  });
});

describe('a card that cannot even be listed', () => {
  const refused = { type: 'CardRefused', device: 'sdz1', reason: 'card-unreadable', detail: '' } as const;

  test('is attached and not backed up: acknowledging gives attention, never green', () => {
    const story = ready().tell(refused);
    expect(story.light.code).toBe(4);
    expect(story.tell({ type: 'Acknowledged' }).signal).toBe('attention');
    expect(story.tell({ type: 'DeviceDetached', device: 'other' }).signal).toBe('attention');
    expect(story.tell({ type: 'DeviceDetached', device: 'sdz1' }).signal).toBe('ready');
  });

  test('and is forgotten by a restart, which looks again', () => {
    const story = ready().tell(
      refused,
      { type: 'Acknowledged' },
      daemonStarted(),
      driveAttached('D'),
      devicesKnown(),
    );
    expect(story.signal).toBe('ready');
  });
});

describe('what takes green away', () => {
  test('a drive that comes, or comes back: it may have been changed while it was away', () => {
    const story = finished(copying()).tell(driveDetached('D'));
    expect(story.signal).toBe('waiting');
    story.tell(driveAttached('D'));
    expect(story.names()).toEqual(['backup.start']);
    expect(story.signal).toBe('copying');
  });

  test('a further drive: the card is not on it yet', () => {
    const story = finished(copying()).tell(driveAttached('E'));
    expect(story.commands).toEqual([
      expect.objectContaining({
        type: 'backup.start',
        driveIds: [drive('D').id, drive('E').id],
        attached: 2,
      }),
    ]);
  });

  test('forgetting the drive that holds the card, with another one there or without', () => {
    const alone = finished(copying()).tell({ type: 'DriveForgotten', driveId: drive('D').id });
    expect(alone.signal).toBe('attention');
    const two = ready().tell(driveAttached('E'), cardAttached('A'), timerElapsed('settleDelay'));
    finished(two).tell({ type: 'DriveForgotten', driveId: drive('D').id });
    expect(two.names()).toEqual(['backup.start']);
  });

  test('a check that says no; one that says yes, or of another card, changes nothing', () => {
    const story = finished(copying());
    const checked = (label: string, safe: boolean) =>
      story.tell({ type: 'CardChecked', cardId: card(label).id, safe }).signal;
    expect(checked('A', true)).toBe('ready');
    expect(checked('B', false)).toBe('ready');
    expect(checked('A', false)).toBe('attention');
  });

  test('a backup to one drive only where all were asked for', () => {
    const story = copying();
    expect(story.tell(backupFinished(story.backupOf('A'), 'A', true, false)).signal).toBe('attention');
  });

  const lost = (backupId: BackupId | null): Fact => {
    return { type: 'CopiesLost', backupId, driveId: drive('D').id, files: [] };
  };

  test('a copy lost while a backup runs that may have relied on it: that one protects nothing, and runs again once', () => {
    const story = copying();
    story.tell(lost(null));
    story.tell(backupFinished(story.backupOf('A'), 'A'));
    expect([story.signal, story.names()]).toEqual(['copying', ['backup.start']]);
    story.tell(lost(null));
    expect(story.tell(backupFinished(story.backupOf('A'), 'A')).signal).toBe('attention');
    expect(story.names()).toEqual([]);
  });

  test('a copy that another backup found lost: a card that was backed up is looked at again, once', () => {
    const story = ready().tell(cardAttached('A'), timerElapsed('settleDelay'));
    story.tell(backupFinished(story.backupOf('A'), 'A'));
    story.tell(cardAttached('B'), timerElapsed('settleDelay'));
    story.tell(lost(story.backupOf('B')));
    expect(story.names()).toEqual(['backup.start']);
    story.tell(backupFinished(story.backupOf('B'), 'B'));
    expect(story.signal).toBe('copying');
    expect(story.tell(backupFinished(story.backupOf('A'), 'A')).signal).toBe('ready');
    // A drive that goes on losing them must not keep both cards busy for ever.
    story.tell(backupRequested('B'));
    story.tell(lost(story.backupOf('B')));
    expect(story.names()).toEqual([]);
    expect(story.tell(backupFinished(story.backupOf('B'), 'B')).signal).toBe('attention');
  });

  test('not a copy that the backup found lost itself, and copies again', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell({ type: 'CopiesLost', backupId: id, driveId: drive('D').id, files: [] });
    expect(story.tell(backupFinished(id, 'A')).signal).toBe('ready');
  });
});

describe('drives that go', () => {
  test('in mid copy: the backup is stopped, and what it says then is error 7', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell(driveDetached('D'));
    expect(story.commands).toEqual([{ type: 'backup.stop', backupId: id, why: 'drive-lost' }]);
    expect(story.tell(backupFailed(id, 'A', 'drive-lost')).light.code).toBe(7);
  });

  test('one of two: the backup goes on', () => {
    const story = ready().tell(driveAttached('E'), cardAttached('A'), timerElapsed('settleDelay'));
    expect(story.tell(driveDetached('E')).names()).toEqual([]);
  });

  test('two with one id: error 7, and no longer written', () => {
    const story = ready().tell({
      type: 'DriveFailed',
      driveId: drive('D').id,
      reason: 'drive-id-clash',
      detail: '',
    });
    expect(story.light.code).toBe(7);
    expect(contextOf(story.state).drives).toEqual([]);
    expect(contextOf(story.state).errors[0]?.subject).toBe('D');
    story.tell({ type: 'DriveFailed', driveId: drive('Z').id, reason: 'drive-not-writable', detail: '' });
    expect(contextOf(story.state).errors[1]?.subject).toBe(drive('Z').id);
  });

  test('forgotten: waiting', () => {
    expect(ready().tell({ type: 'DriveForgotten', driveId: drive('D').id }).signal).toBe('waiting');
  });
});

describe('a restart', () => {
  test('in mid copy, the card still there: it goes on and no error shows', () => {
    const story = copying();
    story.tell(daemonStarted());
    expect(story.signal).toBe('booting');
    story.tell(driveAttached('D'), cardAttached('A', 'manual'), devicesKnown(), timerElapsed('settleDelay'));
    expect(story.names()).toEqual(['backup.start']);
    expect(finished(story).signal).toBe('ready');
  });

  test('in mid copy, the card gone: error 6 until it returns and is finished', () => {
    const story = copying();
    story.tell(daemonStarted(), driveAttached('D'), devicesKnown());
    expect(story.light.code).toBe(6);
    expect(story.tell(daemonStarted(), driveAttached('D'), devicesKnown()).light.code).toBe(6);
    story.tell(cardAttached('A', 'manual'), timerElapsed('settleDelay'));
    expect(finished(story).signal).toBe('ready');
  });

  test('an acknowledged interruption is not shown again', () => {
    const story = copying();
    story.tell(daemonStarted(), driveAttached('D'), devicesKnown(), { type: 'Acknowledged' });
    expect(story.tell(daemonStarted(), driveAttached('D'), devicesKnown()).signal).toBe('ready');
  });

  test('errors survive it; a green does not, until the card was looked at again', () => {
    const failed = copying();
    failed.tell(backupFailed(failed.backupOf('A'), 'A', 'verify-mismatch'));
    expect(failed.tell(daemonStarted(), devicesKnown()).light.code).toBe(5);
    const green = finished(copying());
    green.tell(daemonStarted(), driveAttached('D'), cardAttached('A'), devicesKnown());
    expect(green.signal).toBe('attention');
  });

  test('a card that waited in the queue is taken up again', () => {
    const story = ready().tell(
      cardAttached('A'),
      cardAttached('B'),
      cardAttached('C'),
      timerElapsed('settleDelay'),
    );
    story.tell(daemonStarted(), driveAttached('D'), devicesKnown());
    expect(contextOf(story.state).errors.map((error) => error.subject)).toEqual(['A', 'B', 'C']);
  });
});

describe('the end', () => {
  test('stops running backups at a safe point, releases the drives, then puts the lights out', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell({ type: 'ShutdownRequested', action: 'reboot' });
    expect(story.signal).toBe('shutting-down');
    expect(story.names()).toEqual(['backup.stop', 'timer.arm']);
    story.tell(backupInterrupted(id, 'A', 'shutdown'));
    expect(story.names()).toEqual(['timer.disarm', 'drives.release']);
    expect(story.signal).toBe('shutting-down');
    story.tell({ type: 'DrivesReleased' });
    expect(story.signal).toBe('off');
    expect(story.commands).toEqual([{ type: 'power.end', action: 'reboot' }]);
  });

  test('a backup that does not stop within 10 s does not hold it up', () => {
    const story = copying().tell(
      { type: 'ShutdownRequested', action: 'poweroff' },
      timerElapsed('stopDelay'),
    );
    expect(story.names()).toEqual(['drives.release']);
  });

  test('no backup starts any more, and the first word on how to end counts', () => {
    const story = ready().tell({ type: 'ShutdownRequested', action: 'stop' });
    story.tell(cardAttached('A'), timerElapsed('settleDelay'), {
      type: 'ShutdownRequested',
      action: 'reboot',
    });
    expect(story.names()).toEqual([]);
    expect(story.tell({ type: 'DrivesReleased' }).commands).toEqual([{ type: 'power.end', action: 'stop' }]);
  });

  test('works while booting and while an error is shown', () => {
    expect(given(daemonStarted(), { type: 'ShutdownRequested', action: 'stop' }).signal).toBe(
      'shutting-down',
    );
    const error = ready().tell({ type: 'CardRefused', device: 'sdz1', reason: 'mount-failed', detail: '' });
    expect(error.tell({ type: 'ShutdownRequested', action: 'stop' }).signal).toBe('shutting-down');
  });

  test('an interruption by shutdown is no error as long as the card is back at the next start', () => {
    const story = copying();
    const id = story.backupOf('A');
    story.tell({ type: 'ShutdownRequested', action: 'poweroff' }, backupInterrupted(id, 'A', 'shutdown'));
    story.tell(
      { type: 'DrivesReleased' },
      daemonStarted(),
      cardAttached('A'),
      driveAttached('D'),
      devicesKnown(),
    );
    expect(story.signal).toBe('attention');
  });
});
