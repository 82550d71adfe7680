import { describe, expect, it } from 'vitest';
import { RereadLog } from '../../services/manifest/reread-log.ts';
import { rel } from './memory-drive.ts';

const HASH = '00000000000000ff';

describe('what a verification read', () => {
  it('is kept as it was found', () => {
    const log = new RereadLog();
    log.add(rel('intact'), 'intact', HASH);
    log.add(rel('altered'), 'altered', HASH);
    log.add(rel('unreadable'), 'altered', null);
    log.add(rel('missing'), 'missing', null);
    expect(log.resultOf(rel('intact'))).toEqual({ xxh64: HASH, action: 'verified' });
    expect(log.resultOf(rel('altered'))).toEqual({ xxh64: HASH, action: 'failed' });
    expect(log.resultOf(rel('unreadable'))).toEqual({ xxh64: null, action: 'failed' });
    expect(log.resultOf(rel('missing'))).toBeNull();
    expect(log.resultOf(rel('new'))).toBeNull();
  });

  it('has the second hash where the journal has not', () => {
    const log = new RereadLog('md5');
    const md5 = '0123456789abcdef0123456789abcdef';
    log.add(rel('a'), 'intact', HASH, md5);
    log.add(rel('b'), 'altered', HASH, md5);
    log.add(rel('c'), 'intact', HASH);
    const hash = { format: 'md5', value: md5 };
    expect(log.resultOf(rel('a'))).toEqual({ xxh64: HASH, hash, action: 'verified' });
    expect(log.resultOf(rel('b'))).toEqual({ xxh64: HASH, hash, action: 'failed' });
    expect(log.resultOf(rel('c'))).toEqual({ xxh64: HASH, action: 'verified' });
  });

  it('of a file in another format alone is nothing: it is read again', () => {
    const log = new RereadLog();
    log.add(rel('md5 only'), 'intact', null);
    expect(log.resultOf(rel('md5 only'))).toBeNull();
    expect(log.lacks(rel('md5 only'))).toBe(true);
    log.add(rel('md5 only'), 'new', HASH);
    expect(log.resultOf(rel('md5 only'))).toEqual({ xxh64: HASH, action: 'original' });
    expect(log.lacks(rel('md5 only'))).toBe(false);
    log.add(rel('altered'), 'altered', null);
    expect(['altered', 'later'].map((path) => log.lacks(rel(path)))).toEqual([false, false]);
  });
});
