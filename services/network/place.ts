/**
 * Where an address is, for counting: an IPv4 address; of IPv6 the /64 network, whose addresses a single machine can all
 * have (RFC 4291, section 2.5.4, and RFC 4941). Link-local addresses (fe80::/10) count singly: everybody on the cable
 * shares their prefix.
 */
export function placeOf(address: string): string {
  return networkOf(address) ?? plainOf(address);
}

/**
 * The /64 network of an address that is not sure to be of our own link. Null for IPv4, and where everybody in the house has
 * the same network: link-local and unique local addresses (fc00::/7, RFC 4193).
 */
export const houseOf = (address: string): string | null =>
  /^f[cd]/.test(plainOf(address)) ? null : networkOf(address);

/** An address without what says through which interface, or that it is one of IPv4. */
export const plainOf = (address: string): string =>
  address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '');

function networkOf(address: string): string | null {
  const plain = plainOf(address);
  if (!plain.includes(':') || /^fe[89ab]/.test(plain)) return null;
  const [head = [], tail] = plain.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':');
}
