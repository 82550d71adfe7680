import winston from 'winston';

/** What the daemon says of itself, one line each, for journald or a terminal. */
export interface Logger {
  info(text: string): void;
  warn(text: string): void;
}

/** Syslog priorities that journald reads from the head of a line (sd-daemon(3)). */
const PRIORITY: Readonly<Record<string, string>> = { error: '<3>', warn: '<4>', info: '<6>' };

/**
 * Lines to standard error, so that standard output stays for what a command prints.
 * Under systemd (`JOURNAL_STREAM` is set) each begins with its priority, elsewhere with the program's name. Warnings name
 * cards and files: `harmless` keeps them from a terminal's controls.
 */
export function createLogger(
  env: NodeJS.ProcessEnv,
  quiet: boolean,
  harmless: (text: string) => string,
): Logger {
  const journald = env['JOURNAL_STREAM'] !== undefined;
  const line = winston.format.printf(({ level, message }) => {
    const head = journald ? (PRIORITY[level] ?? '') : 'imagetank: ';
    return `${head}${String(message).replaceAll('\n', ' ')}`;
  });
  const logger = winston.createLogger({
    level: quiet ? 'warn' : 'info',
    format: line,
    transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info'] })],
  });
  return {
    info: (text) => void logger.info(text),
    warn: (text) => void logger.warn(harmless(text.replaceAll('\n', ' '))),
  };
}
