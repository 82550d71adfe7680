import { describe, expect, test } from 'vitest';
import { contentOf, SNIFFED_BYTES } from '../../adapters/sharp/sniff.ts';

const head = (text: string) => contentOf(Buffer.from(text, 'latin1'));
const transport = (packet: number, start = 0) => {
  const bytes = Buffer.alloc(SNIFFED_BYTES);
  for (let at = start; at < bytes.length; at += packet) bytes[at] = 0x47;
  return contentOf(bytes);
};

describe('what a file is, by its first bytes', () => {
  test.each([
    ['\xff\xd8\xff\xe1', 'picture'],
    ['\x89PNG\r\n\x1a\n', 'picture'],
    ['GIF87a', 'picture'],
    ['GIF89a', 'picture'],
    ['RIFF\0\0\0\0WEBPVP8 ', 'picture'],
    ['\0\0\0\x1cftypavif', 'picture'],
    ['II*\0', 'tiff'],
    ['MM\0*', 'tiff'],
    ['\0\0\0\x18ftypheic', 'heif'],
    ['\0\0\0\x18ftypmif1', 'heif'],
    ['\0\0\0\x18ftypmp42', 'video'],
    ['\0\0\0\x14ftypqt  ', 'video'],
    ['\0\0\x10\0mdat', 'video'],
    ['\0\0\x10\0moov', 'video'],
    ['RIFF\0\0\0\0AVI LIST', 'video'],
    ['\x1aE\xdf\xa3', 'video'],
    ['\0\0\x01\xba', 'video'],
  ])('%j is a %s', (text, content) => {
    expect(head(text)).toBe(content);
  });

  test('a transport stream has packets, with and without times before them', () => {
    expect(transport(188)).toBe('video');
    expect(transport(192, 4)).toBe('video');
    expect(transport(500)).toBeNull();
  });

  test.each([
    '#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n',
    'ffconcat version 1.0\nfile x\n',
    '<?xml version="1.0"?><MPD/>',
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'v=0\nc=IN IP4 127.0.0.1\n',
    '%PDF-1.4',
    '%!PS',
    'P6 1 1 255\n',
    'BM\0\0\0\0',
    'RIFF\0\0\0\0WAVEfmt ',
    '\0\0\0\x18ftypcrx ',
    'G',
    '',
  ])('no decoder is tried on %j', (text) => {
    expect(head(text)).toBeNull();
  });
});
