/** First descriptor that systemd hands over (`SD_LISTEN_FDS_START`, sd_listen_fds(3)). */
const FIRST_FD = 3;
/** `FileDescriptorName=` in imagetank.socket. */
const NAME = 'control';

/** The listening socket that systemd opened for this process; null when there is none. */
export function inheritedSocket(env: NodeJS.ProcessEnv, pid: number): number | null {
  const count = Number(env['LISTEN_FDS'] ?? 0);
  // Children inherit the variables, but the sockets are not theirs.
  if (env['LISTEN_PID'] !== String(pid) || !Number.isInteger(count) || count < 1) return null;
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':').slice(0, count);
  return FIRST_FD + Math.max(0, names.indexOf(NAME));
}
