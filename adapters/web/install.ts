/** Browsers take a service worker from a connection they trust only; elsewhere the page works without one. */
export function keepShell(): void {
  if (!isSecureContext || !('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  // Refused (a private window, a full disk): the page is then loaded from the box each time, as before.
  navigator.serviceWorker.register('/sw.js').catch(() => undefined);
}
