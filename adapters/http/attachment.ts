const MAX_NAME = 200;

/**
 * RFC 6266: a name that all clients read, of plain letters, and the real one (RFC 8187) beside it. What steers a terminal or
 * ends a header is never part of it.
 */
export function disposition(kind: 'inline' | 'attachment', name: string): string {
  // Half a pair of surrogates has no UTF-8.
  const whole = Buffer.from(name.slice(0, MAX_NAME))
    .toString()
    .replace(/[\p{C}\p{Zl}\p{Zp}/\\]/gu, '_');
  const plain = whole.replace(/[^ -~]|["%]/gu, '_');
  const encoded = encodeURIComponent(whole).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
