/**
 * Where an address is, for counting: an IPv4 address; of IPv6 the /64 network, whose addresses a single machine can all
 * have (RFC 4291, section 2.5.4, and RFC 4941). Link-local addresses (fe80::/10) count singly: everybody on the cable
 * shares their prefix.
 */
export function placeOf(address: string): string {
  const plain = address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '');
  if (!plain.includes(':') || /^fe[89ab]/.test(plain)) return plain;
  const [head = [], tail] = plain.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':');
}
