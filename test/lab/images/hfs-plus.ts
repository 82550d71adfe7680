import { closeSync, openSync, writeSync } from 'node:fs';
import { START_BYTES } from './partition-table.ts';

/**
 * An empty HFS+ volume, without a journal, as Apple's TN1150 describes it: no Debian package makes one any more. Its
 * files are written by the guest's kernel.
 */
const BLOCK = 4096;
const NODE = 4096;
/** Seconds from 1904 to 1970. */
const EPOCH_S = 2_082_844_800;
const MADE = Math.floor(Date.parse('2026-11-21T09:00:00Z') / 1000) + EPOCH_S;

const VOLUME_UNMOUNTED = 1 << 8;
const FIRST_USER_NODE = 16;
/** Of the volume header. */
const HEADER = { at: 1024, bytes: 512 } as const;

/** Where things lie, in blocks: header, bitmap, extents tree, catalog, room, and the second header at the end. */
const BITMAP = { start: 1, count: 1 } as const;
const EXTENTS = { start: 2, count: 1 } as const;
const CATALOG = { start: 3, count: 64 } as const;
const USED_AT_START = CATALOG.start + CATALOG.count;

/** Writes into the one partition of a disk. The bitmap is one block: 128 MiB at most. */
export function makeHfsPlus(image: string, label: string, sizeBytes: number): void {
  const blocks = Math.floor((sizeBytes - START_BYTES) / BLOCK);
  if (blocks > BLOCK * 8) throw new Error('larger than one block of bitmap can tell');
  const header = volumeHeader(blocks);
  const file = openSync(image, 'r+');
  const put = (bytes: Buffer, at: number): void =>
    void writeSync(file, bytes, 0, bytes.length, START_BYTES + at);
  put(header, HEADER.at);
  put(header, blocks * BLOCK - HEADER.at);
  put(bitmap(blocks), BITMAP.start * BLOCK);
  put(headerNode({ keyBytes: 10, attributes: 2, nodes: EXTENTS.count, records: 0 }), EXTENTS.start * BLOCK);
  put(headerNode({ keyBytes: 516, attributes: 6, nodes: CATALOG.count, records: 2 }), CATALOG.start * BLOCK);
  put(rootLeaf(label), CATALOG.start * BLOCK + NODE);
  closeSync(file);
}

function volumeHeader(blocks: number): Buffer {
  const header = Buffer.alloc(HEADER.bytes);
  header.write('H+', 0, 'latin1');
  header.writeUInt16BE(4, 2);
  header.writeUInt32BE(VOLUME_UNMOUNTED, 4);
  header.write('10.0', 8, 'latin1');
  for (const at of [16, 20, 28]) header.writeUInt32BE(MADE, at);
  header.writeUInt32BE(BLOCK, 40);
  header.writeUInt32BE(blocks, 44);
  header.writeUInt32BE(blocks - USED_AT_START - 1, 48);
  header.writeUInt32BE(USED_AT_START, 52);
  for (const at of [56, 60]) header.writeUInt32BE(BLOCK * 16, at);
  header.writeUInt32BE(FIRST_USER_NODE, 64);
  header.writeBigUInt64BE(1n, 72);
  // The volume's own id: the last eight bytes of the finder's.
  header.writeBigUInt64BE(0x1a6e_0000_cafe_0001n, 104);
  for (const [at, fork] of [
    [112, BITMAP],
    [192, EXTENTS],
    [272, CATALOG],
  ] as const) {
    header.writeBigUInt64BE(BigInt(fork.count * BLOCK), at);
    header.writeUInt32BE(fork.count * BLOCK, at + 8);
    header.writeUInt32BE(fork.count, at + 12);
    header.writeUInt32BE(fork.start, at + 16);
    header.writeUInt32BE(fork.count, at + 20);
  }
  return header;
}

/** A bit a block, the first one the highest. */
function bitmap(blocks: number): Buffer {
  const bits = Buffer.alloc(BLOCK);
  const take = (block: number): void => {
    bits[block >> 3] = (bits[block >> 3] ?? 0) | (0x80 >> (block & 7));
  };
  for (let block = 0; block < USED_AT_START; block += 1) take(block);
  take(blocks - 1);
  return bits;
}

/** Where the records of a node begin, from its end backwards; the last one is that of the free room. */
function offsets(node: Buffer, ...starts: readonly number[]): void {
  for (const [at, start] of starts.entries()) node.writeUInt16BE(start, NODE - 2 * (at + 1));
}

interface Tree {
  readonly keyBytes: number;
  readonly attributes: number;
  readonly nodes: number;
  readonly records: number;
}

/** Of a tree that is empty, or whose one leaf is node 1. */
function headerNode({ keyBytes, attributes, nodes, records }: Tree): Buffer {
  const leaf = records > 0 ? 1 : 0;
  const node = Buffer.alloc(NODE);
  node.writeInt8(1, 8);
  node.writeUInt16BE(3, 10);
  node.writeUInt16BE(leaf, 14);
  for (const [at, value] of [
    [16, leaf],
    [20, records],
    [24, leaf],
    [28, leaf],
  ] as const)
    node.writeUInt32BE(value, at);
  node.writeUInt16BE(NODE, 32);
  node.writeUInt16BE(keyBytes, 34);
  node.writeUInt32BE(nodes, 36);
  node.writeUInt32BE(nodes - 1 - leaf, 40);
  node.writeUInt32BE(BLOCK, 46);
  // Names are compared without case, as a Mac's disks do.
  node.writeUInt8(0xcf, 51);
  node.writeUInt32BE(attributes, 52);
  node.writeUInt8(leaf === 1 ? 0xc0 : 0x80, 248);
  offsets(node, 14, 120, 248, NODE - 8);
  return node;
}

/** The catalog's one leaf: the root folder by its name, and its thread by its number. */
function rootLeaf(label: string): Buffer {
  const name = Buffer.from(label, 'utf16le').swap16();
  const length = Buffer.from([0, label.length]);
  const folder = Buffer.alloc(88);
  folder.writeUInt16BE(1, 0);
  folder.writeUInt32BE(2, 8);
  for (const at of [12, 16, 20]) folder.writeUInt32BE(MADE, at);
  folder.writeUInt16BE(0o40755, 42);
  const thread = Buffer.concat([Buffer.from([0, 3, 0, 0, 0, 0, 0, 1]), length, name]);
  const first = Buffer.concat([key(1, Buffer.concat([length, name])), folder]);
  const second = Buffer.concat([key(2, Buffer.from([0, 0])), thread]);
  const node = Buffer.alloc(NODE);
  node.writeInt8(-1, 8);
  node.writeUInt8(1, 9);
  node.writeUInt16BE(2, 10);
  first.copy(node, 14);
  second.copy(node, 14 + first.length);
  offsets(node, 14, 14 + first.length, 14 + first.length + second.length);
  return node;
}

function key(parent: number, name: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(4 + name.length, 0);
  head.writeUInt32BE(parent, 2);
  return Buffer.concat([head, name]);
}
