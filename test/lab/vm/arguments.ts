/** The emulated machine as QEMU's command line. */
import type { Served } from './block-node.ts';

export interface MachineFiles {
  /** Folder of the sockets and of the console's log. */
  readonly dir: string;
  readonly vmlinux: string;
  readonly initrd: string;
  /** Shared by all machines, never written. */
  readonly root: string;
  /** What will be /opt/imagetank; never written. */
  readonly program: string;
  /** What will be /var/lib/imagetank: the one disk that outlives a power cut. A file, or what is served. */
  readonly state: string | Served;
}

export const MEMORY_MB = 512;

/** Where USB devices are plugged: more than any scenario needs. */
const USB_PORTS = 8;

const KERNEL_LINE = [
  ...['console=ttyS0', 'quiet', 'loglevel=4', 'panic=-1', 'nokaslr', 'mitigations=off'],
  ...['random.trust_cpu=on', 'tsc=reliable', 'cryptomgr.notests', 'audit=0', 'systemd.show_status=0'],
].join(' ');

/** A snapshot can only be restored by a QEMU with the same devices: these parts are part of its key. */
export function machineArguments(): string[] {
  return [
    ...['-M', 'q35', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'qemu64'],
    ...['-smp', '1', '-m', String(MEMORY_MB), '-nodefaults', '-display', 'none', '-no-reboot'],
    ...['-append', KERNEL_LINE, '-device', 'virtio-serial-pci', '-device', 'virtio-rng-pci'],
    ...['-device', `qemu-xhci,id=xhci,p2=${USB_PORTS},p3=${USB_PORTS}`],
  ];
}

/** `snapshot`: a file from which the machine goes on instead of starting. */
export function qemuArguments(files: MachineFiles, snapshot: string | null): string[] {
  const { dir, vmlinux, initrd, root, program, state } = files;
  return [
    ...machineArguments(),
    ...['-kernel', vmlinux, '-initrd', initrd, '-serial', `file:${dir}/console.log`],
    ...['-qmp', `unix:${dir}/qmp.sock,server=on,wait=off`],
    ...['-chardev', `socket,id=agent,path=${dir}/agent.sock,server=on,wait=off`],
    ...['-device', 'virtserialport,chardev=agent,name=lab.agent'],
    ...disk('root', root, true),
    ...disk('program', program, true),
    ...(typeof state === 'string' ? disk('state', state, false) : servedDisk('state', state)),
    ...(snapshot === null ? [] : ['-incoming', `exec:zstd -dcq '${snapshot}'`]),
  ];
}

/** Flushes go no further than the host's memory: it is QEMU that is killed in a power cut, not the host. */
function disk(id: string, file: string, readOnly: boolean): string[] {
  const options = `if=none,format=raw,cache.no-flush=on,id=${id},readonly=${readOnly ? 'on' : 'off'}`;
  return ['-drive', `file=${file},${options}`, '-device', `virtio-blk-pci,drive=${id}`];
}

/** As a file it would have the same name in a saved machine: what is behind a disk is no part of it. */
function servedDisk(id: string, { socket, name }: Served): string[] {
  const options = `if=none,format=raw,id=${id},file=nbd:unix:${socket}:exportname=${name}`;
  return ['-drive', options, '-device', `virtio-blk-pci,drive=${id}`];
}
