import { setFlagsFromString } from 'node:v8';

/**
 * For a process that stays, mostly waits, and shares 512 MB: measured with Node 20.20, resident memory at rest.
 * Each flag is read when it is needed, so setting them now has effect; V8 ignores those that it no longer knows.
 */
const FLAGS = [
  // The young generation stays as small as it begins, 1 MB instead of 16: −4 MB.
  '--semi-space-growth-factor=1',
  // Collects earlier, instead of letting 20 MB of garbage gather while small files are copied: 158 MB at the peak became
  // 109 together with the line above, for the same time on the processor.
  '--optimize-for-size',
  // Compiled is only what is run for long, which copying is and starting is not: the compilers themselves are 6 MB of
  // code that a daemon at rest then never touches.
  '--no-sparkplug',
  // (5,000 small files took the same time on the processor; a hash in JavaScript is at its speed after 25 MB.)
  '--interrupt-budget=10000000',
  '--max-bytecode-size-for-early-opt=0',
];

/** To be called before what the daemon is made of is loaded. */
export function beFrugal(env: NodeJS.ProcessEnv): void {
  setFrugalFlags();
  // The allocator of @node-rs/xxhash takes one huge page of 2 MB for a few hashes (mimalloc, `mi_option_allow_thp`).
  env['MIMALLOC_ALLOW_THP'] ??= '0';
}

/**
 * Once more in each thread that is started: flags are those of the process, and V8 puts a growth factor below 2 back to
 * 2 whenever it makes an isolate (`Heap::ConfigureHeap`); copying small files then takes 34 MB of young generation.
 */
export function setFrugalFlags(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
