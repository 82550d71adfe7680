/** Null: not asked for, or not to be had (older phones; a page that came without TLS). */
let lock: WakeLockSentinel | null = null;
let isWanted = false;

/** A phone that falls asleep stops sending. While it sends, its screen stays on where the browser allows that. */
export function keepAwake(wanted: boolean): void {
  if (wanted === isWanted) return;
  isWanted = wanted;
  void (wanted ? take() : lock?.release().catch(() => undefined));
}

async function take(): Promise<void> {
  if (!('wakeLock' in navigator)) return;
  try {
    const taken = await navigator.wakeLock.request('screen');
    if (isWanted) lock = taken;
    else await taken.release();
  } catch {
    // Low battery, or the page is not in view: it is sent all the same.
  }
}

// The browser takes the lock back when the page is left.
document.addEventListener('visibilitychange', () => {
  if (isWanted && document.visibilityState === 'visible') void take();
});
