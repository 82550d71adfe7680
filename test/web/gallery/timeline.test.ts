import { describe, expect, test } from 'vitest';
import { Timeline } from '../../../adapters/web/gallery/timeline.ts';
import { FakeBox, photo, photosOf } from './photos.ts';

const DAYS = {
  '2025-05-03': photosOf('2025-05-03', 5),
  '2025-05-02': photosOf('2025-05-02', 1),
  '2025-05-01': photosOf('2025-05-01', 2),
};
const given = (days: Record<string, ReturnType<typeof photosOf>> = DAYS) => {
  const box = new FakeBox(days);
  const changes = { count: 0 };
  const timeline = new Timeline(box, () => {
    changes.count += 1;
  });
  return { box, timeline, changes };
};
const daysOf = ({ sections }: Timeline) => sections.map(({ day }) => day);
const idsOf = ({ sections }: Timeline, section: number) => sections[section]?.photos.map(({ id }) => id);

describe('days', () => {
  test('come page by page, each with its number of photos before any photo is asked for', async () => {
    const { box, timeline, changes } = given();
    await timeline.more();
    expect(daysOf(timeline)).toEqual(['2025-05-03', '2025-05-02']);
    expect(timeline.sections.map(({ count }) => count)).toEqual([5, 1]);
    expect(timeline.sections[0]?.safety).toEqual({ fewestCopies: 2, photosWithFewest: 1 });
    expect(timeline.isWhole).toBe(false);
    await timeline.more();
    expect(daysOf(timeline)).toEqual(['2025-05-03', '2025-05-02', '2025-05-01']);
    expect(timeline.isWhole).toBe(true);
    expect(box.asked).toEqual(['days after null', 'days after 2025-05-02']);
    expect(changes.count).toBe(2);
  });

  test('when all are here, nothing is asked any more', async () => {
    const { box, timeline } = given();
    await timeline.more();
    await timeline.more();
    await timeline.more();
    expect(box.asked).toHaveLength(2);
  });

  test('two who ask at once get one answer', async () => {
    const { box, timeline } = given();
    await Promise.all([timeline.more(), timeline.more()]);
    expect(box.asked).toEqual(['days after null']);
    expect(timeline.sections).toHaveLength(2);
  });

  test('a day that comes twice, since pages overlap, is one day', async () => {
    const { box, timeline } = given();
    await timeline.more();
    box.days = async () => ({ groups: [group('2025-05-02'), group('2025-04-30')], next: null });
    await timeline.more();
    expect(daysOf(timeline)).toEqual(['2025-05-03', '2025-05-02', '2025-04-30']);
  });

  test('of a box that does not answer the trouble is kept, and gone after an answer', async () => {
    const { box, timeline, changes } = given();
    box.fails = true;
    await timeline.more();
    expect(timeline.trouble).toBeInstanceOf(TypeError);
    expect(changes.count).toBe(1);
    box.fails = false;
    await timeline.more();
    expect(timeline.trouble).toBeNull();
    expect(timeline.sections).toHaveLength(2);
  });

  test('are taken in until a day is reached, or the nearest one before it', async () => {
    const { timeline } = given();
    await timeline.reach('2025-05-01');
    expect(daysOf(timeline)).toContain('2025-05-01');
    const other = given();
    await other.timeline.reach('2025-05-02');
    expect(daysOf(other.timeline)).toHaveLength(2);
    await other.timeline.reach('1999-01-01');
    expect(other.timeline.isWhole).toBe(true);
  });

  test('reaching ends when the box does not answer', async () => {
    const { box, timeline } = given();
    box.fails = true;
    await timeline.reach('2025-05-01');
    expect(box.asked).toHaveLength(1);
  });
});

describe('photos of a day', () => {
  test('come as far as somebody looks, and are not asked for twice', async () => {
    const { box, timeline } = given();
    await timeline.more();
    await timeline.fill(0, 3);
    expect(idsOf(timeline, 0)).toEqual(['2025-05-03#1', '2025-05-03#2', '2025-05-03#3', '2025-05-03#4']);
    await timeline.fill(0, 4);
    expect(box.asked).toEqual([
      'days after null',
      '{"day":"2025-05-03"} after null',
      '{"day":"2025-05-03"} after 2025-05-03#2',
    ]);
  });

  test('whoever asks for more while some are coming gets them too', async () => {
    const { timeline } = given();
    await timeline.more();
    await Promise.all([timeline.fill(0, 1), timeline.fill(0, 5)]);
    expect(idsOf(timeline, 0)).toHaveLength(5);
  });

  test('one that comes twice is shown once', async () => {
    const { box, timeline } = given();
    await timeline.more();
    await timeline.fill(0, 2);
    box.photos = async () => ({ photos: [photo('2025-05-03#2'), photo('new')], next: null });
    await timeline.fill(0, 5);
    expect(idsOf(timeline, 0)).toEqual(['2025-05-03#1', '2025-05-03#2', 'new']);
  });

  test('their number follows what is listed, so that no place stays empty and none is missing', async () => {
    const { box, timeline } = given();
    await timeline.more();
    box.days_.set('2025-05-02', photosOf('2025-05-02', 3));
    await timeline.fill(1, 1);
    expect(timeline.sections[1]?.count).toBe(3);
    await timeline.fill(1, 3);
    expect(timeline.sections[1]?.count).toBe(3);
    expect(idsOf(timeline, 1)).toHaveLength(3);
    box.days_.set('2025-05-03', photosOf('2025-05-03', 1));
    await timeline.fill(0, 5);
    expect(timeline.sections[0]?.count).toBe(1);
  });

  test('trouble with one day is told, and does not go on by itself', async () => {
    const { box, timeline } = given();
    await timeline.more();
    box.fails = true;
    await Promise.all([timeline.fill(0, 1), timeline.fill(0, 5)]);
    expect(timeline.trouble).toBeInstanceOf(TypeError);
    expect(box.asked).toHaveLength(2);
  });

  test('a section that is not there is no trouble', async () => {
    const { timeline } = given();
    await timeline.fill(7, 1);
    expect(timeline.trouble).toBeNull();
  });
});

const group = (key: string) =>
  ({ by: 'day', key, label: key, photos: 1, bytes: 1, fewestCopies: 1, photosWithFewest: 1 }) as const;
