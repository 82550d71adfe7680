/** Holds what lies on a drive after a power cut against what was promised and what may lie there. */
import type { Found } from '../../lab/guest/protocol.ts';
import { type Content, contentKey, type Promised } from './acknowledged.ts';

export interface Verdict {
  /** Promised, and not there under its name with its content. */
  readonly lost: readonly string[];
  /** Under a photo's or a manifest's name, and neither a whole photo nor that manifest. */
  readonly wrong: readonly string[];
  /** One photo under several names. */
  readonly doubled: readonly string[];
}

export interface Expected {
  readonly promised: readonly Promised[];
  /** Of the card, each once. */
  readonly photos: readonly Content[];
  /** Manifests by path, in each content they ever had. */
  readonly manifests: ReadonlyMap<string, readonly Content[]>;
}

const PLACES = /^(Photos|Other)\//;
const MANIFEST = /^(Photos|Other)\/ascmhl\//;

export function judge(found: readonly Found[], { promised, photos, manifests }: Expected): Verdict {
  const there = new Map(found.map((file) => [file.path, file]));
  const files = promised.flatMap((one) => one.files);
  const lost = files.filter((file) => keyOf(there.get(file.path)) !== contentKey(file));
  const whole = new Set(photos.map(contentKey));
  const isRight = (file: Found): boolean => {
    const key = keyOf(file);
    if (!MANIFEST.test(file.path)) return whole.has(key);
    return (manifests.get(file.path) ?? []).some((content) => contentKey(content) === key);
  };
  const placed = found.filter(({ path }) => PLACES.test(path));
  const missed = new Set(lost.map(({ path }) => path));
  const wrong = placed.filter((file) => !isRight(file) && !missed.has(file.path));
  return {
    lost: [...missed].map((path) => `${path} ${told(there.get(path))}`),
    wrong: wrong.map((file) => `${file.path} ${told(file)}`),
    doubled: doubledOf(placed, whole),
  };
}

/** When imagetank has gone on to the end: each photo once, and nothing but photos and manifests. */
export function judgeEnd(found: readonly Found[], photos: readonly Content[]): Verdict {
  const placed = found.filter(({ path }) => PLACES.test(path) && !MANIFEST.test(path));
  const keys = new Set(placed.map(keyOf));
  const whole = new Set(photos.map(contentKey));
  return {
    lost: photos.filter((photo) => !keys.has(contentKey(photo))).map(contentKey),
    wrong: placed.filter((file) => !whole.has(keyOf(file))).map((file) => `${file.path} ${told(file)}`),
    doubled: doubledOf(placed, whole),
  };
}

function doubledOf(placed: readonly Found[], whole: ReadonlySet<string>): string[] {
  const paths = new Map<string, string[]>();
  for (const file of placed) {
    const key = keyOf(file);
    if (whole.has(key)) paths.set(key, [...(paths.get(key) ?? []), file.path]);
  }
  return [...paths.values()].filter((names) => names.length > 1).map((names) => names.join(' = '));
}

const keyOf = (file: Found | undefined): string =>
  file === undefined || file.xxh64 === null ? 'unreadable' : contentKey({ ...file, xxh64: file.xxh64 });

const told = (file: Found | undefined): string =>
  file === undefined ? 'is missing' : `has ${file.sizeBytes} bytes ${file.xxh64 ?? file.error}`;
