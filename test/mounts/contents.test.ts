import { describe, expect, it } from 'vitest';
import { probeSuperblock } from '../../adapters/mounts/blkid.ts';
import { BlockTable } from '../../adapters/mounts/block-table.ts';
import { Contents } from '../../adapters/mounts/contents.ts';
import { type Part, partsOf } from '../../adapters/mounts/disk.ts';
import { listContents, parseLsblk } from '../../adapters/mounts/lsblk.ts';
import { neverHoldsPhotos } from '../../adapters/mounts/partition-types.ts';
import type { RunTool } from '../../adapters/mounts/run-tool.ts';
import { FakeMachine } from './fake-machine.ts';
import { cardA } from './machines.ts';

/** As util-linux 2.41 prints it for a reader with a card, shortened. */
const LSBLK = JSON.stringify({
  blockdevices: [
    {
      name: 'sda',
      'maj:min': '  8:0',
      label: null,
      uuid: null,
      fstype: null,
      parttype: null,
      vendor: 'Generic-',
      model: 'USB3.0 CRW   -SD',
      serial: '000000001532',
      tran: 'usb',
      children: [
        {
          name: 'sda1',
          'maj:min': '  8:1',
          label: 'SD32',
          uuid: '3A4F-1B2C',
          fstype: 'vfat',
          parttype: '0xc',
          vendor: null,
          model: null,
          serial: null,
          tran: null,
        },
      ],
    },
  ],
});

describe('lsblk', () => {
  it('gives what is on a partition, and the names of its disk', () => {
    expect(parseLsblk(LSBLK)?.get('8:1')).toEqual({
      label: 'SD32',
      uuid: '3A4F-1B2C',
      fsType: 'vfat',
      partitionType: '0xc',
      vendor: 'Generic-',
      product: 'USB3.0 CRW -SD',
      serial: '000000001532',
      transport: 'usb',
    });
  });

  it.each([
    '',
    '{',
    '[]',
    '{"blockdevices": 1}',
    '{"blockdevices": [{"maj:min": 1}]}',
  ])('is no answer when it prints %j', (output) => {
    expect(parseLsblk(output)).toBeNull();
  });

  it('is called with arguments only, and is no answer when it is missing', async () => {
    const calls: unknown[] = [];
    const run: RunTool = async (...call) => {
      calls.push(call);
      return null;
    };
    expect(await listContents(run)).toBeNull();
    const columns = 'NAME,MAJ:MIN,LABEL,UUID,FSTYPE,PARTTYPE,VENDOR,MODEL,SERIAL,TRAN';
    expect(calls).toEqual([['lsblk', ['-J', '-o', columns]]]);
  });

  it('of this machine is understood', async () => {
    expect(await listContents()).not.toBeNull();
  });
});

describe('blkid', () => {
  it('reads label, UUID and kinds', async () => {
    const run: RunTool = async () =>
      'DEVNAME=/dev/sdb1\nLABEL=My\\ Card\nUUID=3A4F-1B2C\nTYPE=vfat\nPART_ENTRY_TYPE=0xc\nX=a=b\n';
    expect(await probeSuperblock('/dev/sdb1', run)).toEqual({
      label: 'My Card',
      uuid: '3A4F-1B2C',
      fsType: 'vfat',
      partitionType: '0xc',
    });
  });

  it('knows nothing when it may not read the device', async () => {
    const nothing = { label: null, uuid: null, fsType: null, partitionType: null };
    expect(await probeSuperblock('/dev/sdb1', async () => null)).toEqual(nothing);
    expect(await probeSuperblock('/dev/sdb1', async () => 'LABEL=\n')).toEqual(nothing);
  });
});

describe('types of partitions', () => {
  it.each([
    ['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', true],
    ['E3C9E316-0B5C-4DB8-817D-F92DF00215AE', true],
    ['426f6f74-0000-11aa-aa11-00306543ecac', true],
    ['0x5', true],
    ['0x0f', true],
    ['0xf', true],
    ['0xef', true],
    ['0xc', false],
    ['0x7', false],
    ['0x0', false],
    ['ebd0a0a2-b9e5-4433-87c0-68b6b72699c7', false],
    ['0fc63daf-8483-4772-8e79-3d69d8477de4', false],
    [null, false],
  ])('%s never holds photos: %s', (type, expected) => {
    expect(neverHoldsPhotos(type)).toBe(expected);
  });
});

describe('what is on a card', () => {
  const setUp = async (machine: FakeMachine) => {
    const table = new BlockTable(machine.files);
    const parts = async (): Promise<readonly Part[]> => (await table.read('quick')).flatMap(partsOf);
    return { contents: new Contents(machine.runTool), parts };
  };

  it('is asked of lsblk', async () => {
    const machine = new FakeMachine(cardA(1));
    const { contents, parts } = await setUp(machine);
    const [part] = await parts();
    expect(contents.of(part!)).toBeNull();
    await contents.lookUp([part!], parts);
    expect(contents.of(part!)).toMatchObject({ label: 'SD32', uuid: '3A4F-1B2C', fsType: 'vfat' });
    expect(machine.calls).toEqual(['lsblk']);
  });

  it('is asked twice when the first answer is none', async () => {
    const machine = new FakeMachine(cardA(1));
    machine.lsblkAnswers.push(null);
    const { contents, parts } = await setUp(machine);
    await contents.lookUp(await parts(), parts);
    expect(contents.of((await parts())[0]!)).toMatchObject({ uuid: '3A4F-1B2C' });
    expect(machine.calls).toEqual(['lsblk', 'lsblk']);
  });

  it('is read from the device itself where no udev told lsblk anything', async () => {
    const bare = { name: 'sda1', dev: '8:1', number: 1 };
    const machine = new FakeMachine(cardA(1, { partitions: [bare] }));
    machine.blkid.set('/dev/sda1', 'LABEL=L\nUUID=U\nTYPE=exfat\nPART_ENTRY_TYPE=0x7\n');
    const { contents, parts } = await setUp(machine);
    await contents.lookUp(await parts(), parts);
    expect(contents.of((await parts())[0]!)).toMatchObject({
      label: 'L',
      uuid: 'U',
      fsType: 'exfat',
      partitionType: '0x7',
      vendor: 'Generic-',
    });
  });

  it('keeps the type that lsblk knew when blkid says none', async () => {
    const bare = { name: 'sda1', dev: '8:1', number: 1, parttype: '0xef' };
    const machine = new FakeMachine(cardA(1, { partitions: [bare] }));
    const { contents, parts } = await setUp(machine);
    await contents.lookUp(await parts(), parts);
    expect(contents.of((await parts())[0]!)).toMatchObject({ fsType: null, partitionType: '0xef' });
  });

  it('stays known when lsblk fails later, or can no longer read the medium', async () => {
    const machine = new FakeMachine(cardA(1));
    const { contents, parts } = await setUp(machine);
    await contents.lookUp(await parts(), parts);
    machine.lsblkAnswers.push(null, null);
    await contents.lookUp(await parts(), parts);
    const [part] = await parts();
    expect(contents.of(part!)).toMatchObject({ uuid: '3A4F-1B2C' });
    machine.lsblkAnswers.push('{"blockdevices":[{"maj:min":"8:1"}]}');
    await contents.lookUp([part!], parts);
    expect(contents.of(part!)).toMatchObject({ uuid: '3A4F-1B2C' });
  });

  it('is another when the card was formatted anew in its slot', async () => {
    const machine = new FakeMachine(cardA(1));
    const { contents, parts } = await setUp(machine);
    await contents.lookUp(await parts(), parts);
    machine.lsblkAnswers.push('{"blockdevices":[{"maj:min":"8:1","uuid":"NEW","fstype":"exfat"}]}');
    await contents.lookUp(await parts(), parts);
    expect(contents.of((await parts())[0]!)).toMatchObject({ uuid: 'NEW', fsType: 'exfat' });
  });

  it('is not taken for that of a card which took its place meanwhile', async () => {
    const machine = new FakeMachine(cardA(1));
    const { contents, parts } = await setUp(machine);
    const [old] = await parts();
    machine.duringLsblk = () => machine.put(cardA(2));
    await contents.lookUp([old!], parts);
    expect(contents.of(old!)).toBeNull();
    expect(contents.of((await parts())[0]!)).toBeNull();
  });

  it('is forgotten with the medium', async () => {
    const machine = new FakeMachine(cardA(1));
    const { contents, parts } = await setUp(machine);
    await contents.lookUp(await parts(), parts);
    const [part] = await parts();
    contents.keepOnly([part!]);
    expect(contents.of(part!)).not.toBeNull();
    contents.keepOnly([]);
    expect(contents.of(part!)).toBeNull();
  });
});
