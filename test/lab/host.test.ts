import { describe, expect, it } from 'vitest';
import { sourcesOf } from './build/base.ts';
import { filesToLoad } from './build/modules.ts';
import { externalsOf, installed } from './build/program.ts';
import { newestKernel } from './host.ts';

describe('the newest installed kernel headers', () => {
  it('are chosen by version as numbers', () => {
    const lines = [
      'ii  linux-headers-6.1.0-9-amd64 6.1.27-1',
      'ii  linux-headers-6.1.0-56-amd64 6.1.192-2',
      'ii  linux-headers-6.1.0-40-amd64 6.1.153-1',
    ].join('\n');
    expect(newestKernel(lines)).toEqual({
      release: '6.1.0-56-amd64',
      packageVersion: '6.1.192-2',
      series: '6.1',
    });
  });

  it.each([
    ['are not those that were removed', 'rc  linux-headers-6.1.0-9-amd64 6.1.27-1'],
    ['are not the package that only depends on them', 'ii  linux-headers-amd64 6.1.192-2'],
    ['are not of the cloud or real-time kernel', 'ii  linux-headers-6.1.0-56-cloud-arm64 6.1.192-2'],
    ['may be missing', ''],
  ])('%s', (_, lines) => {
    expect(newestKernel(lines)).toBeNull();
  });
});

describe('where the guest comes from', () => {
  const targets = [
    'Debian deb http://mirror.invalid/debian/ bookworm main',
    'Debian deb http://mirror.invalid/debian/ bookworm main',
    'Debian deb http://mirror.invalid/debian/ bookworm contrib',
    'Debian deb http://mirror.invalid/debian-security/ bookworm-security main',
    'Debian deb http://mirror.invalid/debian/ trixie main',
    'Somebody deb http://other.invalid/ bookworm main',
    '',
  ].join('\n');

  it('is what this machine has of Debian, of the one suite, and nobody else', () => {
    expect(sourcesOf(targets, 'bookworm')).toEqual([
      'deb http://mirror.invalid/debian/ bookworm main',
      'deb http://mirror.invalid/debian-security/ bookworm-security main',
    ]);
  });
});

describe('what is shipped', () => {
  it('are the modules that modprobe would load, in its order, each once', () => {
    const shown = 'insmod /a/usbcore.ko \ninsmod /a/xhci.ko quirks=1\nbuiltin vfat\ninsmod /a/usbcore.ko \n';
    expect(filesToLoad(shown)).toEqual(['/a/usbcore.ko', '/a/xhci.ko']);
  });

  it('are the packages that the bundle leaves out', () => {
    expect(externalsOf('esbuild a.ts --external:@photostructure/sqlite --bundle --external:usb')).toEqual([
      '@photostructure/sqlite',
      'usb',
    ]);
  });

  it('with a star, every one of them that is installed', () => {
    const found = installed(process.cwd(), '@node-rs/xxhash-*');
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((name) => name.startsWith('@node-rs/xxhash-'))).toBe(true);
    expect(installed(process.cwd(), 'usb')).toEqual(['usb']);
  });
});
