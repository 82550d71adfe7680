/** JSON shapes of who may come in: one zod schema each, as in `services/shapes.ts`. */
import * as z from 'zod';
import { DEVICE_ROLES } from '../../machines/facts.ts';
import { time } from '../shape-words.ts';

export const DeviceShape = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(DEVICE_ROLES).describe('a viewer may only read'),
  pairedAt: time,
});
export type DeviceShape = z.infer<typeof DeviceShape>;

/** Of `GET /devices`. */
export const ListedDeviceShape = DeviceShape.extend({
  lastSeenAt: time.nullable().describe('to the minute; null: not since the daemon started'),
  lastSeenOver: z.enum(['IPv4', 'IPv6']).nullable(),
});
export type ListedDeviceShape = z.infer<typeof ListedDeviceShape>;

const reach = {
  port: z.number().int(),
  encrypted: z.boolean(),
  fingerprint: z.string().nullable().describe('SHA-256 of the certificate; null without TLS'),
  hosts: z.array(z.string()).describe('for a URL, best first'),
};

export const AdmittedShape = z.object({
  token: z.string().describe('shown once, kept nowhere'),
  device: DeviceShape,
  ...reach,
});
export type AdmittedShape = z.infer<typeof AdmittedShape>;

/** Lines of `POST /api/v1/pairing`: the first is `open`, the last another. */
export const PairingMessageShape = z.union([
  z.object({
    open: z.object({
      code: z.string(),
      role: z.enum(DEVICE_ROLES),
      name: z.string().nullable(),
      secondsLeft: z.number().int(),
      ...reach,
    }),
  }),
  z.object({ paired: DeviceShape }),
  z.object({ closed: z.enum(['expired', 'replaced', 'guessed', 'ended']) }),
]);
export type PairingMessageShape = z.infer<typeof PairingMessageShape>;
