/** In place of vitest: the worlds of `test/backup` go after each test; here each campaign takes its own away. */
export const afterEach = (): void => undefined;
