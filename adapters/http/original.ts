import type { IncomingHttpHeaders } from 'node:http';
import parseRange from 'range-parser';
import { mediaType, OTHER_TYPE } from '../../services/library/media-type.ts';
import type { Photo } from '../../services/library/ports.ts';
import { disposition } from './attachment.ts';
import type { Head } from './downloads.ts';

/** The content itself has this name: a hash and a size. */
export const tagOf = (id: string) => `"${id}"`;

/** Weak comparison, as RFC 9110, section 13.1.2, wants it. */
export function isKnown(headers: IncomingHttpHeaders, tag: string): boolean {
  const known = (headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  return known.includes(tag) || known.includes('*');
}

/** A suffix that is longer than the file is all of it (RFC 9110, section 14.1.2); range-parser refuses it. */
function rangesOf(sizeBytes: number, header: string): ReturnType<typeof parseRange> {
  const suffix = /^bytes=-(\d+)$/.exec(header)?.[1];
  const isLong = suffix !== undefined && sizeBytes > 0 && Number(suffix) > sizeBytes;
  return parseRange(sizeBytes, isLong ? 'bytes=0-' : header);
}

/** What the client has of a photo already, or the head and the bytes that are sent, both ends included; null: none. */
export interface Portion extends Head {
  readonly bytes: { readonly first: number; readonly last: number } | null;
}

/**
 * RFC 9110, sections 13 and 14. Several ranges in one request are answered with everything, which a server may do; so is
 * what is no range.
 */
export function portionOf(
  { id, name, sizeBytes }: Pick<Photo, 'id' | 'name' | 'sizeBytes'>,
  { method, headers }: { readonly method: string; readonly headers: IncomingHttpHeaders },
  asDownload: boolean,
): Portion {
  const type = mediaType(name);
  const tag = tagOf(id);
  const common = { etag: tag, 'cache-control': 'private, no-cache' };
  if (isKnown(headers, tag)) return { status: 304, headers: common, bytes: null };
  const shown = {
    ...common,
    'accept-ranges': 'bytes',
    'content-type': type,
    'content-disposition': disposition(asDownload || type === OTHER_TYPE ? 'attachment' : 'inline', name),
    'x-content-type-options': 'nosniff',
  };
  const isWhole = method !== 'GET' || (headers['if-range'] ?? tag) !== tag;
  const ranges = isWhole || headers.range === undefined ? -2 : rangesOf(sizeBytes, headers.range);
  if (ranges === -1) {
    return { status: 416, headers: { ...common, 'content-range': `bytes */${sizeBytes}` }, bytes: null };
  }
  const [one, ...others] = ranges === -2 || ranges.type !== 'bytes' ? [] : ranges;
  if (one === undefined || others.length > 0) {
    const bytes = method === 'HEAD' || sizeBytes === 0 ? null : { first: 0, last: sizeBytes - 1 };
    return { status: 200, headers: { ...shown, 'content-length': sizeBytes }, bytes };
  }
  const part = {
    'content-range': `bytes ${one.start}-${one.end}/${sizeBytes}`,
    'content-length': one.end - one.start + 1,
  };
  return { status: 206, headers: { ...shown, ...part }, bytes: { first: one.start, last: one.end } };
}
