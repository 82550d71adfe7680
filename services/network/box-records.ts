import type { Data, Resource } from './dns.ts';
import type { Link } from './ports.ts';

/** Where a record has the name of a host in it, 120 s; 75 minutes for all others (RFC 6762, section 10). */
const HOST_TTL_SECONDS = 120;
const OTHER_TTL_SECONDS = 4500;

const SERVICE = '_http._tcp.local';
/** Who asks for it wants to know which kinds of services there are (RFC 6763, section 9). */
const KINDS = '_services._dns-sd._udp.local';
/** RFC 6763, section 6; the key is registered for `_http._tcp`. */
const TEXT = ['path=/'];

/** What the box says of itself. */
export interface Self {
  /** Of the service, `imagetank`; of the host too, unless somebody else on this machine answers for that. */
  readonly label: string;
  /** `imagetank.local` */
  readonly host: string;
  /** Whether the addresses of the host are ours to tell. */
  readonly tellsHost: boolean;
  /** TCP */
  readonly port: number;
}

/** Records of the box on one link. */
export interface Records {
  /** Nobody else may have these names. */
  readonly unique: readonly Resource[];
  /** Others have records of these names, too. */
  readonly shared: readonly Resource[];
  /** For each unique name: there is nothing else of it. */
  readonly nothingElse: readonly Resource[];
}

export function recordsOf(self: Self, { addresses }: Pick<Link, 'addresses'>): Records {
  const instance = instanceOf(self);
  const record = (name: string, ttlSeconds: number, unique: boolean, data: Data): Resource => {
    return { name, unique, ttlSeconds, data };
  };
  const told = self.tellsHost ? addresses : [];
  const host = told.map((address) => record(self.host, HOST_TTL_SECONDS, true, addressData(address)));
  const srv: Data = { type: 'SRV', priority: 0, weight: 0, port: self.port, target: self.host };
  const service = [
    record(instance, HOST_TTL_SECONDS, true, srv),
    record(instance, OTHER_TTL_SECONDS, true, { type: 'TXT', strings: TEXT }),
  ];
  const nothingElse = (name: string, among: readonly Resource[]) =>
    among.length === 0
      ? []
      : [record(name, HOST_TTL_SECONDS, true, { type: 'NSEC', types: [...new Set(among.map(typeOf))] })];
  return {
    unique: [...host, ...service],
    shared: [
      record(SERVICE, OTHER_TTL_SECONDS, false, { type: 'PTR', target: instance }),
      record(KINDS, OTHER_TTL_SECONDS, false, { type: 'PTR', target: SERVICE }),
    ],
    nothingElse: [...nothingElse(self.host, host), ...nothingElse(instance, service)],
  };
}

/** Names that nobody else may have. */
export const namesOf = (self: Self): readonly string[] =>
  self.tellsHost ? [self.host, instanceOf(self)] : [instanceOf(self)];

const instanceOf = ({ label }: Self) => `${label}.${SERVICE}`;

export const addressData = (address: string): Data => ({
  type: address.includes(':') ? 'AAAA' : 'A',
  address,
});

const typeOf = ({ data }: Resource) => data.type;

/**
 * What to take back at the end: everything but what others say as well. That there are web servers stays true as long as
 * one of them is there.
 */
export const goodbyes = ({ unique, shared }: Records): readonly Resource[] =>
  [...unique, ...shared.filter(({ name }) => name !== KINDS)].map((record) => ({ ...record, ttlSeconds: 0 }));
