import type { RelativePath } from '../../machines/ids.ts';
import type { ManifestHash } from '../../machines/media.ts';
import { xmlText } from './xml-writer.ts';

export interface GenerationHeader {
  /** ISO 8601 UTC: when the generation is made, and the date of its hashes. */
  readonly at: string;
  readonly hostname: string;
  /** Of imagetank. */
  readonly version: string;
  /** `in-place`: what lies there was read again. Default `transfer`. */
  readonly process?: 'transfer' | 'in-place';
  /** How each file was verified, once for all of them. Default: as of a backup, for `transfer`; else none. */
  readonly comment?: string;
  /** Of the folder that the history is about. */
  readonly root?: FolderHash;
  /** Beside the three that are always there. */
  readonly ignored?: readonly string[];
}

/** Directory hashes in XXH64: see `FolderHashes`. */
export interface FolderHash {
  readonly content: string;
  readonly structure: string;
}

/** One folder of a generation. */
export interface GenerationFolder extends FolderHash {
  readonly path: RelativePath;
}

export type GenerationItem = GenerationFile | GenerationFolder;

/** One file of a generation. */
export interface GenerationFile {
  /** Below the root of the history. */
  readonly path: RelativePath;
  readonly sizeBytes: number;
  /** Ms since 1970 UTC; null leaves the attribute out. */
  readonly mtimeMs: number | null;
  readonly xxh64: string;
  /** Beside XXH64. */
  readonly hash?: ManifestHash;
  /** `original`: first hash of this file; `verified`: it was re-read and matched an earlier one; `failed`: it did not. */
  readonly action: 'original' | 'verified' | 'failed';
  /** Below the root: where earlier generations have it. */
  readonly previousPath?: RelativePath;
  /** True where the copy could be read back from the page cache only; the comment of the generation says of the others. */
  readonly isFromCache?: boolean;
  /** True where the card was read a second time, past its cache, and gave the same. */
  readonly isReadTwice?: boolean;
  /** Raw bytes of the path on the card, base64, where the drive's name had to differ from it. */
  readonly cardPathBase64?: string;
}

export interface ChainEntry {
  readonly sequence: number;
  /** Name in the `ascmhl` folder. */
  readonly name: string;
  /** C4 of the generation's bytes. */
  readonly c4: string;
}

/** Element in `<metadata>` of a hash that keeps the card's own name; base64 because XML carries neither controls nor raw bytes. */
const IMAGETANK_NAMESPACE = 'urn:imagetank:manifest:1';

const COMMENT =
  'Each file was read back from its medium, past the page cache, and compared with what was read from the card; where the metadata of a file says verifiedFrom cache, from the page cache only; where it says sourceRead twice, the card was read a second time, past its cache, and gave the same.';

/** What our `verify` never reports as new; the folder of the history itself among them, as the reference tool writes it. */
const IGNORED_PATTERNS = ['.DS_Store', 'ascmhl', 'ascmhl/'] as const;

/** Entries a chunk: a generation of 50,000 files is 17 MB of text. */
const FILES_A_CHUNK = 256;
/** Years with four digits only: others are written differently by every tool. */
const MIN_TIME = Date.parse('0001-01-01T00:00:00Z');
const MAX_TIME = Date.parse('9999-12-31T00:00:00Z');

/** `2026-11-21T04:10:37+00:00`, the form of the reference tool. */
const dateTime = (at: string | number): string => `${new Date(at).toISOString().slice(0, 19)}+00:00`;

/** One generation (ASC MHL v2.0) in chunks. At least one item: the schema knows no empty list. */
export function* generationText(
  header: GenerationHeader,
  items: Iterable<GenerationItem>,
): Generator<string> {
  const date = dateTime(header.at);
  const { root, process = 'transfer', ignored = [] } = header;
  const comment = header.comment ?? (process === 'transfer' ? COMMENT : null);
  const patterns = [...new Set([...IGNORED_PATTERNS, ...ignored])];
  yield `<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo>
    <creationdate>${date}</creationdate>
    <hostname>${xmlText(header.hostname)}</hostname>
    <tool version="${xmlText(header.version)}">imagetank</tool>
${comment === null ? '' : `    <comment>${xmlText(comment)}</comment>\n`}  </creatorinfo>
  <processinfo>
    <process>${process}</process>
${root === undefined ? '' : `    <roothash>\n${folderHashText(root, date)}    </roothash>\n`}    <ignore>
${patterns.map((pattern) => `      <pattern>${xmlText(pattern)}</pattern>\n`).join('')}    </ignore>
  </processinfo>
  <hashes>
`;
  let chunk: string[] = [];
  for (const item of items) {
    chunk.push('content' in item ? folderText(item, date) : fileText(item, date));
    if (chunk.length < FILES_A_CHUNK) continue;
    yield chunk.join('');
    chunk = [];
  }
  yield `${chunk.join('')}  </hashes>\n</hashlist>\n`;
}

const folderHashText = ({ content, structure }: FolderHash, date: string): string =>
  Object.entries({ content, structure })
    .map(
      ([kind, value]) => `      <${kind}>
        <xxh64 hashdate="${date}">${value}</xxh64>
      </${kind}>
`,
    )
    .join('');

const folderText = (folder: GenerationFolder, date: string): string => `    <directoryhash>
      <path>${xmlText(folder.path)}</path>
${folderHashText(folder, date)}    </directoryhash>
`;

function fileText(file: GenerationFile, date: string): string {
  const { mtimeMs } = file;
  const inRange = mtimeMs !== null && mtimeMs >= MIN_TIME && mtimeMs <= MAX_TIME;
  const modified = inRange ? ` lastmodificationdate="${dateTime(mtimeMs)}"` : '';
  const metadata = metadataText(file);
  const { previousPath } = file;
  const previous =
    previousPath === undefined ? '' : `      <previousPath>${xmlText(previousPath)}</previousPath>\n`;
  // The schema wants the formats in the order of the alphabet: XXH64 is the last of them.
  const hashes = [
    ...(file.hash === undefined ? [] : [file.hash]),
    { format: 'xxh64', value: file.xxh64 },
  ].map(
    ({ format, value }) =>
      `      <${format} action="${file.action}" hashdate="${date}">${xmlText(value)}</${format}>\n`,
  );
  return `    <hash>
      <path size="${file.sizeBytes}"${modified}>${xmlText(file.path)}</path>
${hashes.join('')}${previous}${metadata}    </hash>
`;
}

function metadataText({ cardPathBase64, isFromCache = false, isReadTwice = false }: GenerationFile): string {
  const elements = [
    ...(cardPathBase64 === undefined
      ? []
      : [`<cardPath xmlns="${IMAGETANK_NAMESPACE}" encoding="base64">${xmlText(cardPathBase64)}</cardPath>`]),
    ...(isFromCache ? [`<verifiedFrom xmlns="${IMAGETANK_NAMESPACE}">cache</verifiedFrom>`] : []),
    ...(isReadTwice ? [`<sourceRead xmlns="${IMAGETANK_NAMESPACE}">twice</sourceRead>`] : []),
  ];
  if (elements.length === 0) return '';
  return `      <metadata>\n${elements.map((element) => `        ${element}\n`).join('')}      </metadata>\n`;
}

/** `ascmhl_chain.xml`: every generation with the C4 of its bytes, in order. */
export function chainText(entries: readonly ChainEntry[]): string {
  const lists = entries.map(
    (entry) => `  <hashlist sequencenr="${entry.sequence}">
    <path>${xmlText(entry.name)}</path>
    <c4>${xmlText(entry.c4)}</c4>
  </hashlist>
`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">
${lists.join('')}</ascmhldirectory>
`;
}
