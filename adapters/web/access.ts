import { computed, signal } from '@preact/signals';
import { ask } from './api.ts';

/** Answer of `GET /me`. */
export interface Me {
  readonly kind: 'box' | 'device';
  /** As in the list of devices; null on the box. */
  readonly id: string | null;
  readonly name: string | null;
  readonly role: 'owner' | 'viewer' | null;
}

/** `out`: the box wants this browser to be paired first. */
export const entry = signal<'unknown' | 'in' | 'out'>('unknown');
const me = signal<Me | null>(null);

/** Buttons that change something are there for owners only; the server refuses a viewer in any case. */
export const isOwner = computed(
  () => entry.value === 'in' && (me.value?.kind === 'box' || me.value?.role === 'owner'),
);
export const ownId = computed(() => me.value?.id ?? null);

export async function lookWhoIAm(signal: AbortSignal): Promise<void> {
  me.value = await ask<Me>('/me', { signal });
  entry.value = 'in';
}

export function leave(): void {
  me.value = null;
  entry.value = 'out';
}
