import { ACCESS_SPECS } from './access-specs.ts';
import { SIM_SPECS } from './sim-specs.ts';
import type { Spec } from './spec.ts';

const CONFIG = [
  '--config <file>',
  'this file instead of /etc/imagetank/config.toml and /boot/firmware/imagetank.toml',
] as const;

/** `contract.md` section 2, in its order. Each `load` is a chunk of its own. */
export const SPECS: readonly Spec[] = [
  {
    usage: 'run',
    summary: 'the daemon in the foreground',
    options: [
      [
        '--board <name>',
        'auto, sim, none, leds or gpio: auto is sim in a terminal, in the service what is there',
      ],
      CONFIG,
      ['--port <n>', 'also listen on this TCP port'],
      ['--recover', 'move a damaged journal aside and begin a new one'],
    ],
    example: 'imagetank run --board sim --state ./state',
    load: async () => (await import('./run.ts')).run,
  },
  {
    usage: 'demo',
    summary: 'the whole story on a simulated board with a real folder as the card',
    options: [
      ['--card <dir>', 'a folder with photos; default: photos that come with imagetank'],
      ['--drive <dir>', 'where to copy to, made if missing; default: a folder that is thrown away'],
      ['--keep', 'leave the drive'],
    ],
    example: 'imagetank demo --card ./DCIM --drive /tmp/drive --keep',
    load: async () => (await import('./run.ts')).demo,
  },
  {
    usage: 'backup [card]',
    summary: 'start a backup and print its id; without a card: of every attached card',
    options: [
      ['--wait', 'follow to the end; Ctrl-C leaves the backup running'],
      ['--to <drive>', 'write this drive only'],
      ['--fit', 'copy as many shot groups as fit, newest first'],
    ],
    example: 'imagetank backup SD32GB-03 --wait',
    load: async () => (await import('./backup.ts')).backup,
  },
  {
    usage: 'status',
    summary: 'state, lights, cards, drives, progress, problems, the last 10 backups',
    example: 'imagetank status --json',
    load: async () => (await import('./status.ts')).status,
  },
  {
    usage: 'history',
    summary: 'all backups in order: begun, finished, card, files, bytes, copied, duplicates, failed, outcome',
    example: 'imagetank history --json',
    load: async () => (await import('./history.ts')).history,
  },
  {
    usage: 'watch',
    summary: 'live light changes and progress until Ctrl-C',
    example: 'imagetank watch',
    load: async () => (await import('./watch.ts')).watch,
  },
  {
    usage: 'check <card>',
    summary: 'safe to format? reads every byte of the card and holds it against verified copies',
    options: [
      [
        '--copies <n>',
        'so many drives must hold each file, or all: each that is attached; default: as configured',
      ],
      ['--offsite', 'each file must be verified off-site too'],
      ['--all', 'name every file that is not safe; default: the first 20'],
    ],
    example: 'imagetank check SD32GB-03 --copies 2 && echo safe',
    load: async () => (await import('./check.ts')).check,
  },
  {
    usage: 'verify [target]',
    summary: 're-read a backup, drive or folder from the medium and hold it against its manifests',
    options: [
      ['--rate <rate>', 'read so much at most, such as 20MB/s; a running backup goes first in any case'],
      ['--restart', 'from the first file on; default: a drive goes on where it was interrupted'],
      [
        '--full',
        'also the hashes of folders, in a new generation of the manifest; always from the first file on',
      ],
    ],
    example: 'imagetank verify /media/pi/PDRIVE128GB --rate 20MB/s',
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    usage: 'explain <name>',
    summary: 'the life of a photo: where it came from, where its copies went, how each was verified',
    options: [
      ['--card <card>', 'only photos of this card, by label or id'],
      ['--day <day>', 'only photos of this day, such as 2026-11-21'],
      ['--limit <n>', 'tell so many photos of this name at most, newest first; default 5'],
    ],
    example: 'imagetank explain IMG_0001.JPG --card SD32GB-03',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    usage: 'library list',
    summary: 'photos by day, camera, card or backup, with their verified copies; the photos of one of them',
    options: [
      ['--by <what>', 'a table of every day, camera, card or backup; default: day'],
      ['--day <day>', 'the photos of this day, in the time of the camera'],
      ['--camera <name>', 'the photos of this camera, or a part of its name; unknown: of none'],
      ['--card <card>', 'the photos of this card, by label or id'],
      ['--backup <id>', 'the photos that this backup copied or found'],
      ['--name <name>', 'the photos of this file name, in any case'],
      [
        '--find <part>',
        'the photos with this in their names, in any case; also with one of the others but --name',
      ],
    ],
    example: 'imagetank library list --day 2026-11-21',
    load: async () => (await import('./library.ts')).list,
  },
  {
    usage: 'library index <dir>',
    summary:
      'photos that lie on an adopted drive already become verified copies where they are, with a manifest',
    options: [
      ['--rate <rate>', 'read so much at most, such as 20MB/s; a running backup goes first in any case'],
      ['--dry-run', 'say what would be read; nothing is read or recorded'],
    ],
    example: 'imagetank library index /media/pi/PDRIVE128GB/images',
    load: async () => (await import('./library-index.ts')).index,
  },
  {
    usage: 'library preview [target]',
    summary:
      'where a backup would put the files of a card or folder on the attached drives, and what is there already; nothing is written. Without a drive, or a daemon: on an empty one',
    options: [
      ['--layout <name>', 'dated, mirror, numbered or custom; default: as configured'],
      ['--template <pattern>', 'of the layout custom, such as {year}/{date}/{camera}/{name}.{ext}'],
      CONFIG,
    ],
    example: 'imagetank library preview ./DCIM --template "{year}/{date}/{camera}/{name}.{ext}"',
    load: async () => (await import('./library-preview.ts')).preview,
  },
  {
    usage: 'log tail',
    summary: 'the last records of the journal, then new ones until Ctrl-C',
    example: 'imagetank log tail --json',
    load: async () => (await import('./log-tail.ts')).tail,
  },
  {
    usage: 'log export',
    summary: 'every record as JSON Lines, byte for byte as it is stored; needs no daemon',
    example: 'imagetank log export > recording.jsonl',
    load: async () => (await import('./log-store.ts')).exportLog,
  },
  {
    usage: 'log verify',
    summary: 'check the hash chain of the journal; needs no daemon',
    example: 'imagetank log verify --json',
    load: async () => (await import('./log-store.ts')).verifyLog,
  },
  {
    usage: 'replay <file>',
    summary: 'fold a recorded log and print the trace of states and lights',
    options: [
      ['--until <seq>', 'stop after this sequence number'],
      ['--speed <factor>', '10: ten times as fast as it happened; max: at once (default)'],
      ['--expect <trace>', 'hold the trace against this one: 1 with a diff when they differ'],
    ],
    example: 'imagetank replay recording.jsonl --expect recording.trace.jsonl',
    load: async () => (await import('./replay.ts')).replay,
  },
  {
    usage: 'diagram',
    summary: 'the charts as a picture or text, each state with its light',
    options: [
      ['--machine <name>', 'appliance or backup; default: both, on standard output the appliance'],
      ['--format <name>', 'mermaid, dot, svg or json; default: all, on standard output mermaid'],
      ['--out <dir>', 'write files there instead of to standard output'],
      ['--check', 'hold the files in --out (default ./diagrams) against the charts: 1 when stale'],
    ],
    example: 'imagetank diagram --out diagrams',
    load: async () => (await import('./diagram.ts')).diagram,
  },
  {
    usage: 'drive list',
    summary: 'attached drives',
    example: 'imagetank drive list --json',
    load: async () => (await import('./drive.ts')).list,
  },
  {
    usage: 'drive adopt <target>',
    summary: 'let imagetank write this volume or folder',
    options: [['--force', 'although it holds camera folders']],
    example: 'imagetank drive adopt PDRIVE128GB',
    load: async () => (await import('./drive.ts')).adopt,
  },
  {
    usage: 'drive forget <target>',
    summary: 'no longer write this drive',
    example: 'imagetank drive forget PDRIVE128GB',
    load: async () => (await import('./drive.ts')).forget,
  },
  {
    usage: 'drive eject <target>',
    summary: 'sync and let go of a drive',
    example: 'imagetank drive eject PDRIVE128GB',
    load: async () => (await import('./drive.ts')).eject,
  },
  {
    usage: 'poweroff',
    summary: 'shut down, as the button held for 2 s',
    example: 'imagetank poweroff',
    load: async () => (await import('./button.ts')).poweroff,
  },
  {
    usage: 'reboot',
    summary: 'restart the box',
    example: 'imagetank reboot',
    load: async () => (await import('./button.ts')).reboot,
  },
  {
    usage: 'ack',
    summary: 'acknowledge an error, as a short press of the button',
    example: 'imagetank ack',
    load: async () => (await import('./button.ts')).ack,
  },
  {
    usage: 'config show',
    summary: 'every key with its value, where that comes from, and what it accepts',
    options: [CONFIG],
    example: 'imagetank config show --json',
    load: async () => (await import('./config.ts')).show,
  },
  {
    usage: 'config check',
    summary: 'everything that is wrong in the configuration',
    options: [CONFIG],
    example: 'imagetank config check --config ./config.toml',
    load: async () => (await import('./config.ts')).check,
  },
  {
    usage: 'doctor',
    summary: 'what is missing on this machine, with the fix',
    options: [CONFIG],
    example: 'imagetank doctor',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    usage: 'setup service',
    summary: 'install the service: units, user, rules for LEDs, button and power; again: nothing changes',
    options: [
      ['--dry-run', 'print every file and command, change nothing; needs no root'],
      ['--root <dir>', 'into the folder of an image instead of this machine; nothing is started'],
      ['--board <name>', 'pibrella or leds: also add their lines to config.txt of a Raspberry Pi'],
      ['--node <path>', 'with --root: node as the image sees it; default: the one that runs this'],
      ['--program <path>', 'with --root: .build/imagetank.js as the image sees it; default: this one'],
      ['--remove', 'take out what was installed; the journal and the user stay'],
    ],
    example: 'imagetank setup service --dry-run',
    load: async () => (await import('./setup.ts')).service,
  },
  ...ACCESS_SPECS,
  ...SIM_SPECS,
];

/** What a group of commands is about, for its help. */
export const GROUPS: Readonly<Record<string, string>> = {
  library: 'photos that were backed up',
  log: 'the journal',
  drive: 'what is backed up to',
  'sim drive': 'drives of the simulated board',
  config: 'the configuration',
  setup: 'the machine',
  sim: 'the simulated board of a running daemon',
};
