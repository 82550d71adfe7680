/** The light at every single fact: one that is green for 50 ms over a card is a wrong green. */
import { describe, expect, it } from 'vitest';
import { lightsOf } from './lights.ts';
import { bench, block, volume } from './memory.ts';

describe('the light is not green', () => {
  it('while a disk without a partition table is mounted and looked at', async () => {
    const { machine, service, facts, news } = bench();
    await service.start();
    machine.announced$.next(['/dev/sda']);
    const card = block('sda');
    machine.media.set(card.key, { camera: true });
    // The listing that knows the volume is the one that does not announce the disk any more.
    machine.at([], [card], []);
    await news();
    expect(lightsOf(facts)).toEqual(['ready', 'attention']);
    await service.stop();
  });

  it('between a card that failed and the next one in its slot', async () => {
    const { machine, service, facts, news } = bench({ settings: { auto: 'off' } });
    await service.start();
    const before = block('sda1', { uuid: 'one' });
    machine.media.set(before.key, { camera: true });
    machine.at([], [before], []);
    await news();
    const after = block('sda1', { uuid: 'two' });
    machine.media.set(after.key, { camera: true });
    machine.at([], [after], []);
    await news();
    expect(lightsOf(facts)).toEqual(['ready', 'attention']);
    await service.stop();
  });

  it('between a card that is being mounted and the next one in its slot', async () => {
    const { machine, service, facts, news } = bench();
    await service.start();
    machine.trouble = { mountCard: 'gone' };
    machine.at([], [block('sda1')], []);
    await news();
    machine.at(['/dev/sda'], [], []);
    await news();
    machine.at([], [block('sda1')], []);
    await news();
    expect(lightsOf(facts)).toEqual(['ready', 'attention']);
    await service.stop();
  });

  it('while a device that was refused is looked at again, mounted by somebody', async () => {
    const { machine, service, facts, news } = bench();
    await service.start();
    machine.trouble = { mountCard: 'failed' };
    const card = block('sda1');
    machine.media.set(card.key, {});
    machine.at([], [card], []);
    await news();
    facts.push({ type: 'Acknowledged' });
    machine.contents.set('/media/SD1', { camera: true });
    machine.at([], [card], [volume('SD1', { block: card.key })]);
    await news();
    expect(lightsOf(facts)).toEqual(['ready', 'attention', 'error', 'attention']);
    await service.stop();
  });

  it('when a device is settled once and was announced twice', async () => {
    const { machine, service, facts, news } = bench();
    await service.start();
    machine.trouble = { mountCard: 'unavailable' };
    const card = block('sda');
    machine.media.set(card.key, { camera: true });
    machine.at([], [card], []);
    machine.at(['/dev/sda'], [card], []);
    machine.at([], [card], []);
    await news();
    expect(lightsOf(facts)).toEqual(['ready', 'attention']);
    machine.at([], [], []);
    await news();
    expect(lightsOf(facts)).toEqual(['ready', 'attention', 'ready']);
    await service.stop();
  });
});
