import { describe, expect, it } from 'vitest';
import { machineUsb, type UsbEvents, type UsbHintParts, usbHints } from '../../adapters/usb/usb-hints.ts';

class FakeUsb implements UsbEvents {
  readonly listeners = new Map<string, Set<() => void>>([
    ['connect', new Set()],
    ['disconnect', new Set()],
  ]);
  addEventListener(type: string, listener: () => void): void {
    this.listeners.get(type)?.add(listener);
  }
  removeEventListener(type: string, listener: () => void): void {
    this.listeners.get(type)?.delete(listener);
  }
  raise(type: string): void {
    for (const listener of this.listeners.get(type) ?? []) listener();
  }
  get listening(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

const quiet = () => new Promise((resolve) => setImmediate(resolve));

function listen(parts: Partial<UsbHintParts>) {
  const seen: string[] = [];
  const subscription = usbHints({
    hasUsb: async () => true,
    load: async () => new FakeUsb(),
    onUnavailable: (error) => seen.push(`unavailable ${error}`),
    ...parts,
  }).subscribe({
    next: () => seen.push('hint'),
    error: () => seen.push('error'),
    complete: () => seen.push('complete'),
  });
  return { seen, subscription };
}

describe('USB hints', () => {
  it('come when a device comes or goes', async () => {
    const usb = new FakeUsb();
    const { seen, subscription } = listen({ load: async () => usb });
    await quiet();
    usb.raise('connect');
    usb.raise('disconnect');
    expect(seen).toEqual(['hint', 'hint']);
    subscription.unsubscribe();
    expect(usb.listening).toBe(0);
  });

  it('do not even load the package where there is no USB', async () => {
    let loads = 0;
    const load = async () => {
      loads += 1;
      return new FakeUsb();
    };
    const { seen } = listen({ hasUsb: async () => false, load });
    await quiet();
    expect(loads).toBe(0);
    expect(seen).toEqual(['complete']);
  });

  it('load nothing before somebody listens', () => {
    let asked = 0;
    const hasUsb = async () => {
      asked += 1;
      return true;
    };
    usbHints({ hasUsb, load: async () => new FakeUsb(), onUnavailable: () => undefined });
    expect(asked).toBe(0);
  });

  it('end without an error when the package cannot be loaded', async () => {
    const { seen } = listen({ load: () => Promise.reject('no prebuild') });
    await quiet();
    expect(seen).toEqual(['unavailable no prebuild', 'complete']);
  });

  it('end without an error when listening fails, half of it included', async () => {
    const usb = new FakeUsb();
    usb.addEventListener = (type, listener) => {
      if (type === 'disconnect') throw 'no udev';
      usb.listeners.get(type)?.add(listener);
    };
    const { seen } = listen({ load: async () => usb });
    await quiet();
    expect(seen).toEqual(['unavailable no udev', 'complete']);
    expect(usb.listening).toBe(0);
  });

  it('report a failure to stop listening instead of throwing it', async () => {
    const usb = new FakeUsb();
    usb.removeEventListener = () => {
      throw 'gone';
    };
    const { seen, subscription } = listen({ load: async () => usb });
    await quiet();
    subscription.unsubscribe();
    expect(seen).toEqual(['unavailable gone']);
  });

  it('do not listen when they were left while the package was loading', async () => {
    const usb = new FakeUsb();
    const { subscription } = listen({ load: async () => usb });
    subscription.unsubscribe();
    await quiet();
    expect(usb.listening).toBe(0);
  });

  it('leave no listener after 200 rounds', async () => {
    const usb = new FakeUsb();
    for (let i = 0; i < 200; i += 1) {
      const { subscription } = listen({ load: async () => usb });
      await quiet();
      expect(usb.listening).toBe(2);
      subscription.unsubscribe();
    }
    expect(usb.listening).toBe(0);
  });

  it('can ask this machine whether it has USB', async () => {
    expect(typeof (await machineUsb.hasUsb())).toBe('boolean');
  });
});
