import { describe, expect, it } from 'vitest';
import { machineArguments, qemuArguments } from './vm/arguments.ts';
import { blockNode, limits } from './vm/block-node.ts';
import { litAtEnd } from './vm/board.ts';
import { blinksOfCode, levelAt, periodsOf, rhythmOf, wholePeriods } from './vm/edges.ts';

const FILES = {
  dir: '/vm',
  vmlinux: '/k/vmlinux',
  initrd: '/k/initrd',
  root: '/k/root',
  program: '/p',
  state: '/s',
};

/** Values of an option that may be given several times. */
const valuesOf = (args: readonly string[], option: string) =>
  args.filter((_, index) => args[index - 1] === option);

describe('the command line of QEMU', () => {
  it('never lets the shared images be written, and lets the state be', () => {
    const drives = valuesOf(qemuArguments(FILES, null), '-drive');
    const of = (file: string) => drives.find((drive) => drive.startsWith(`file=${file},`));
    expect(of('/k/root')).toContain('readonly=on');
    expect(of('/p')).toContain('readonly=on');
    expect(of('/s')).toContain('readonly=off');
  });

  it('gives the disks in the order in which the guest names them vda, vdb, vdc', () => {
    const disks = valuesOf(qemuArguments(FILES, null), '-device').filter((device) =>
      device.startsWith('virtio-blk'),
    );
    expect(disks.map((device) => device.split('=')[1])).toEqual(['root', 'program', 'state']);
  });

  it('takes a state disk that is served, and lets its flushes arrive', () => {
    const served = qemuArguments({ ...FILES, state: { socket: '/s.sock', name: 'x' } }, null);
    const drive = valuesOf(served, '-drive').find((one) => one.includes('id=state'));
    expect(drive).toContain('file=nbd:unix:/s.sock:exportname=x');
    expect(drive).not.toContain('no-flush');
    expect(valuesOf(served, '-device')).toContain('virtio-blk-pci,drive=state');
  });

  it('goes on from a snapshot when there is one', () => {
    expect(qemuArguments(FILES, null)).not.toContain('-incoming');
    expect(valuesOf(qemuArguments(FILES, '/m.zst'), '-incoming')).toEqual(["exec:zstd -dcq '/m.zst'"]);
  });

  it('has no path in the part that is the key of a snapshot', () => {
    expect(machineArguments().join(' ')).not.toMatch(/\/(vm|k|p|s)\b/);
    expect(qemuArguments(FILES, null).slice(0, machineArguments().length)).toEqual(machineArguments());
  });

  it('emulates: no machine that builds this has KVM', () => {
    expect(valuesOf(machineArguments(), '-accel')[0]).toMatch(/^tcg/);
  });
});

describe('a medium as a node of QEMU', () => {
  it('is a raw image', () => {
    expect(blockNode('n', { image: '/i' })).toMatchObject({
      driver: 'raw',
      'node-name': 'n',
      'read-only': false,
      file: { driver: 'file', filename: '/i' },
    });
  });

  it('is what a server makes up, whose flushes arrive there', () => {
    const node = blockNode('n', { image: { socket: '/s.sock', name: 'x' } });
    expect(node).toMatchObject({
      file: { driver: 'nbd', server: { type: 'unix', path: '/s.sock' }, export: 'x' },
    });
    expect(JSON.stringify(node)).not.toContain('no-flush');
  });

  it('is read-only down to the file when the card is write-protected', () => {
    const node = blockNode('n', { image: '/i', readOnly: true });
    expect(node).toMatchObject({ 'read-only': true, file: { 'read-only': true } });
  });

  it('gives errors when its bad sectors are read, every time', () => {
    const node = blockNode('n', { image: '/i', badSectors: [7, 9] }) as {
      file: { 'inject-error': object[] };
    };
    expect(node.file['inject-error']).toHaveLength(2);
    expect(node).toMatchObject({
      file: {
        driver: 'blkdebug',
        'inject-error': [{ sector: 7, errno: 5, iotype: 'read', once: false }, { sector: 9 }],
      },
    });
  });

  it('is throttled on top of everything else', () => {
    const node = blockNode('n', { image: '/i', badSectors: [7], bytesPerSecond: 1_000 });
    expect(node).toMatchObject({ driver: 'throttle', 'node-name': 'n', 'throttle-group': 'n-speed' });
    expect(node).toMatchObject({ file: { driver: 'raw', file: { driver: 'blkdebug' } } });
    expect(limits(1_000)).toEqual({ 'bps-total': 1_000 });
  });
});

describe('what was seen of the LEDs', () => {
  const edge = (line: number, value: 0 | 1, atMs: number) => ({ line, value, atMs });
  const sampled = { edges: [edge(27, 0, 0), edge(4, 1, 5), edge(27, 1, 100), edge(27, 0, 300)], endMs: 450 };

  it('becomes how long a line stayed at each level', () => {
    expect(periodsOf(sampled, 27)).toEqual([
      { value: 0, lengthMs: 100 },
      { value: 1, lengthMs: 200 },
      { value: 0, lengthMs: 150 },
    ]);
    expect(periodsOf(sampled, 4)).toEqual([{ value: 1, lengthMs: 445 }]);
    expect(periodsOf(sampled, 17)).toEqual([]);
  });

  it('does not count what the sampling cut off', () => {
    expect(wholePeriods(sampled, 27)).toEqual([{ value: 1, lengthMs: 200 }]);
    expect(wholePeriods(sampled, 4)).toEqual([]);
  });

  it('tells the level at a moment', () => {
    expect([99, 100, 299, 300].map((atMs) => levelAt(sampled.edges, 27, atMs))).toEqual([0, 1, 1, 0]);
    expect(levelAt(sampled.edges, 4, 4)).toBeNull();
  });

  it('is a code when as many blinks were seen between two pauses', () => {
    const times = [0, 500, 700, 2_100, 2_300, 2_500, 2_700, 4_100, 4_300];
    const code = { edges: times.map((atMs, at) => edge(27, at % 2 === 0 ? 0 : 1, atMs)), endMs: 5_000 };
    expect(blinksOfCode(code, 27)).toBe(2);
    expect(() => blinksOfCode({ ...code, edges: code.edges.slice(0, 6) }, 27)).toThrow('no whole code');
  });

  it('has a rhythm, by its medians', () => {
    const times = [0, 200, 400, 601, 801, 1_001, 1_700, 1_900];
    const edges = times.map((atMs, at) => edge(27, at % 2 === 0 ? 0 : 1, atMs));
    const right = (on: number, off: number) => rhythmOf({ edges, endMs: 2_000 }, 27, [on, off]).isRight;
    expect([right(200, 200), right(100, 100), right(400, 400), right(200, 1_900)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(rhythmOf({ edges: edges.slice(0, 5), endMs: 900 }, 27, [200, 200])).toEqual({
      isRight: false,
      seen: '1:200 0:201 1:200',
    });
  });

  it('is read from the console when the machine is off', () => {
    expect(litAtEnd('x\nlab: lights 1 0 1\n')).toEqual(['red', 'green']);
    expect(litAtEnd('lab: lights 0 0 0')).toEqual([]);
    expect(() => litAtEnd('Powering off')).toThrow('does not tell');
  });
});
