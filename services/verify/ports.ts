import type { RelativePath } from '../../machines/ids.ts';
import type { HistorySource } from '../manifest/history.ts';
import type { HashFormat } from '../manifest/mhl-reader.ts';
import type { AfterBlock } from '../media-ports.ts';

export interface FoundFile {
  readonly path: RelativePath;
  readonly sizeBytes: number;
}

/** Files as their medium has them: an adopted drive, or any folder with an ASC MHL history. */
export interface FolderReader extends HistorySource {
  readonly formats: ReadonlySet<HashFormat>;
  /** Those for a file that no manifest lists in one of `formats`; absent where there are none. */
  readonly lastFormats?: ReadonlySet<HashFormat>;
  /** Regular files, depth first; links are not followed. Throws `DriveError` when a folder cannot be listed. */
  walk(): AsyncIterable<FoundFile>;
  /**
   * Reads the whole file once, past the page cache where the file system allows. `value` and `also`, which is its hash in
   * a second format where one is asked for and the reader can, as a manifest writes them.
   * Throws `DriveError` `drive-failing` when this file cannot be read, `drive-lost` when nothing can; and what
   * `afterBlock` throws, where it is called at all.
   */
  hash(
    path: RelativePath,
    format: HashFormat,
    afterBlock?: AfterBlock,
    also?: HashFormat | null,
  ): Promise<{ readonly value: string; readonly sizeBytes: number; readonly also?: string }>;
  /** False when the medium was pulled: what is left below its mount point lists as empty without an error. */
  isPresent(): Promise<boolean>;
}

/** A folder by its absolute path. Throws the system's error when it is none. */
export type OpenFolder = (path: string) => Promise<FolderReader>;
