/**
 * Files that a camera writes beside the main one of a shot, under another stem. The first main one that lies in the
 * same folder is theirs. What is not told by a maker's or a well-known description is not guessed.
 */
const RELATIVES: readonly { readonly part: RegExp; readonly mains: readonly string[] }[] = [
  // iPhone: `IMG_E0001` is the edited picture (and the edited film of a Live Photo) beside the untouched `IMG_0001`,
  // `IMG_O0001.AAE` the edits that the camera app made itself, `IMG_0001.AAE` those of its owner.
  { part: /^IMG_E(\d{4,8})$/i, mains: ['IMG_$1'] },
  { part: /^IMG_O(\d{4,8})$/i, mains: ['IMG_$1'] },
  // GoPro since HERO6, and MAX: `GL010001.LRV` is the small copy of `GX010001.MP4` (HEVC), `GH…` (AVC), `GS….360`.
  { part: /^GL(\d{6})$/i, mains: ['GX$1', 'GH$1', 'GS$1'] },
  // Insta360: one file a lens (`_00_`, `_10_`) and small copies (`LRV_…_01_`, `_11_`); date, time, number are common.
  { part: /^VID_(\d{8}_\d{6})_(?!00)\d\d_(\d{3,8})$/i, mains: ['VID_$1_00_$2'] },
  { part: /^LRV_(\d{8}_\d{6})_\d\d_(\d{3,8})$/i, mains: ['VID_$1_00_$2'] },
];

/** Stems of which one may be the main one of this stem's shot, the likeliest first; empty for a main one itself. */
export function mainStems(stem: string): readonly string[] {
  const found = RELATIVES.find(({ part }) => part.test(stem));
  return found === undefined ? [] : found.mains.map((main) => stem.replace(found.part, main));
}

/** 0 for a main one; the others in the order of their rules. */
export function relativeRank(stem: string): number {
  return RELATIVES.findIndex(({ part }) => part.test(stem)) + 1;
}
