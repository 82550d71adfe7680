import { describe, expect, test } from 'vitest';
import { createEvdevButton } from '../../adapters/evdev/evdev-button.ts';
import { buttonNames, findButton } from '../../adapters/evdev/find-button.ts';
import { eventBytes, InputEvents } from '../../adapters/evdev/input-events.ts';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { QUIET_MS } from '../../services/board/button-edges.ts';
import { FIRST_RETRY_MS } from '../../services/board/kept-child.ts';
import { FakeChildren, settled } from '../board/fake-children.ts';

/** In the format of the kernel (drivers/input/input.c, input_devices_seq_show). */
const device = (name: string, handlers: string) => `I: Bus=0019 Vendor=0001 Product=0001 Version=0100
N: Name="${name}"
P: Phys=gpio-keys/input0
S: Sysfs=/devices/platform/button@b/input/input2
U: Uniq=
H: Handlers=${handlers}
B: PROP=0
B: EV=3
B: KEY=100000 0 0`;
const DEVICES = `${[
  device('vc4-hdmi', 'kbd event0'),
  device('A "quoted" name', 'sysrq kbd event1 leds'),
  device('imagetank-button', 'kbd event12 '),
  device('button@b', 'event3'),
  device('no handler', ''),
].join('\n\n')}\n\n`;

describe('the input device', () => {
  test.each([
    [['imagetank-button'], '/dev/input/event12'],
    [['button@b'], '/dev/input/event3'],
    [['button@c', 'button@b'], '/dev/input/event3'],
    [['button@b', 'imagetank-button'], '/dev/input/event3'],
    [['A "quoted" name'], '/dev/input/event1'],
    [['no handler'], null],
    [['imagetank'], null],
    [[], null],
  ])('%j', (names, node) => {
    expect(findButton(DEVICES, names)).toBe(node);
  });

  test('is named by our overlay, by its line in hex, or by its owner', () => {
    expect(buttonNames(11)).toEqual(['imagetank-button', 'button@b']);
    expect(buttonNames(null)).toEqual(['imagetank-button']);
    expect(buttonNames('my key')).toEqual(['my key']);
  });
});

function event(size: 16 | 24, type: number, code: number, value: number, atMs = 0): Buffer {
  const bytes = Buffer.alloc(size);
  const [seconds, micros] = [Math.floor(atMs / 1000), (atMs % 1000) * 1000];
  if (size === 16) {
    bytes.writeUInt32LE(seconds, 0);
    bytes.writeUInt32LE(micros, 4);
  } else {
    bytes.writeBigUInt64LE(BigInt(seconds), 0);
    bytes.writeBigUInt64LE(BigInt(micros), 8);
  }
  bytes.writeUInt16LE(type, size - 8);
  bytes.writeUInt16LE(code, size - 6);
  bytes.writeInt32LE(value, size - 4);
  return bytes;
}

describe.each([16, 24] as const)('events of %i bytes', (size) => {
  const stream = Buffer.concat([
    event(size, 1, 148, 1, 1_700_000_000_250),
    event(size, 0, 0, 0),
    event(size, 1, 148, 2),
    event(size, 4, 4, 1),
    event(size, 1, 148, 0, 1_700_000_001_007),
    event(size, 0, 3, 0, 1_700_000_002_000),
  ]);
  const CHANGES = [
    { pressed: true, code: 148, atMs: 1_700_000_000_250 },
    { pressed: false, code: 148, atMs: 1_700_000_001_007 },
    { pressed: null, code: 3, atMs: 1_700_000_002_000 },
  ];

  test('are keys down and up, without autorepeat, and the news that some were lost', () => {
    expect(new InputEvents(size).read(stream)).toEqual(CHANGES);
  });

  test('are the same in pieces of any size', () => {
    for (let piece = 1; piece < stream.length; piece++) {
      const events = new InputEvents(size);
      const changes = [];
      for (let at = 0; at < stream.length; at += piece)
        changes.push(...events.read(stream.subarray(at, at + piece)));
      expect(changes).toEqual(CHANGES);
    }
  });

  test('half of one is forgotten with its device', () => {
    const events = new InputEvents(size);
    events.read(stream.subarray(0, 7));
    events.forget();
    expect(events.read(stream)).toEqual(CHANGES);
  });
});

test.each([
  ['arm64', 24],
  ['x64', 24],
  ['arm', 16],
  ['ia32', 16],
] as const)('%s has events of %i bytes', (arch, size) => {
  expect(eventBytes(arch)).toBe(size);
});

async function bench(text = DEVICES) {
  const children = new FakeChildren();
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const devices = { text };
  const button = createEvdevButton({
    names: ['imagetank-button'],
    devices: async () => devices.text,
    size: 24,
    start: children.start,
    clock,
    warn: (line) => warnings.push(line),
  });
  const edges: string[] = [];
  button.edge$.subscribe({ next: (edge) => edges.push(edge), complete: () => edges.push('end') });
  button.start();
  await settled();
  const key = (value: number, code = 148) => {
    children.say(event(24, 1, code, value));
    clock.advance(QUIET_MS);
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settled();
  };
  return { children, clock, warnings, devices, button, edges, key, pass };
}

describe('a button that is an input device', () => {
  test('is read by a process that holds no thread of ours', async () => {
    const { children, key, edges } = await bench();
    expect(children.last.command).toEqual(['cat', '/dev/input/event12']);
    key(1);
    key(2);
    key(0);
    expect(edges).toEqual(['pressed', 'released']);
  });

  test('a press that is read only when it is over is told', async () => {
    const { children, clock, edges } = await bench();
    children.say(Buffer.concat([event(24, 1, 148, 1, 5_000), event(24, 1, 148, 0, 5_060)]));
    clock.advance(QUIET_MS);
    expect(edges).toEqual(['pressed', 'released']);
  });

  test('a second key does not let go of the first', async () => {
    const { key, edges } = await bench();
    key(1, 148);
    key(1, 30);
    key(0, 30);
    expect(edges).toEqual(['pressed']);
    key(0, 148);
    expect(edges).toEqual(['pressed', 'released']);
  });

  test('that vanishes while it is pressed is let go at once, long before that is a held button', async () => {
    const { children, clock, devices, edges, key, pass, warnings } = await bench();
    key(1);
    const pressedMs = clock.monoMs();
    devices.text = '';
    await children.end('cat: /dev/input/event12: No such device');
    expect([edges, clock.monoMs()]).toEqual([['pressed', 'released'], pressedMs]);
    await pass(10_000);
    expect(edges).toHaveLength(2);
    expect(warnings).toEqual(['button: cat: /dev/input/event12: No such device']);
  });

  test('and comes back under another number', async () => {
    const { children, devices, edges, key, pass } = await bench();
    children.say(event(24, 1, 148, 1).subarray(0, 10));
    await children.end('cat: No such device');
    devices.text = device('imagetank-button', 'event4');
    await pass(FIRST_RETRY_MS);
    expect(children.last.command).toEqual(['cat', '/dev/input/event4']);
    key(1);
    expect(edges).toEqual(['pressed']);
  });

  test('whose events were lost is let go', async () => {
    const { children, edges, key } = await bench();
    key(1);
    children.say(event(24, 0, 3, 0));
    expect(edges).toEqual(['pressed', 'released']);
    key(1, 30);
    expect(edges).toEqual(['pressed', 'released', 'pressed']);
  });

  test('that is not there is waited for, and told once', async () => {
    const { children, devices, pass, warnings } = await bench('');
    await pass(FIRST_RETRY_MS);
    expect([children.all, warnings]).toEqual([[], ['button: no input device is named imagetank-button']]);
    devices.text = DEVICES;
    await pass(60_000);
    expect(children.all).toHaveLength(1);
  });

  test('ends with its board', async () => {
    const { children, button, edges, clock } = await bench();
    await button.stop();
    await button.stop();
    expect([children.last.killed, edges, clock.armed]).toEqual([true, ['end'], 0]);
  });
});
