import { describe, expect, test } from 'vitest';
import { parseSmart, smartctlArguments } from '../../adapters/health/smart.ts';

const ata = (change: Record<number, number>, passed = true) =>
  JSON.stringify({
    json_format_version: [1, 0],
    smartctl: { version: [7, 4], exit_status: passed ? 0 : 8 },
    device: { name: '/dev/sda', type: 'sat', protocol: 'ATA' },
    smart_status: { passed },
    ata_smart_attributes: {
      revision: 16,
      table: [5, 9, 194, 197, 198].map((id) => ({ id, raw: { value: change[id] ?? 0, string: '0' } })),
    },
  });
const nvme = (percentageUsed: number) =>
  JSON.stringify({
    device: { name: '/dev/nvme0n1', protocol: 'NVMe' },
    smart_status: { passed: true, nvme: { value: 0 } },
    nvme_smart_health_information_log: { percentage_used: percentageUsed, media_errors: 0 },
  });

describe('what smartctl says', () => {
  test.each([
    ['well', ata({ 9: 20_000, 194: 38 }), { verdict: 'passed', detail: '' }],
    ['remapped long ago', ata({ 5: 24 }), { verdict: 'passed', detail: '' }],
    ['sectors wait', ata({ 197: 8 }), { verdict: 'worn', detail: '8 sectors cannot be read' }],
    ['sectors are lost', ata({ 197: 1, 198: 3 }), { verdict: 'worn', detail: '3 sectors cannot be read' }],
    ['failing', ata({ 197: 1 }, false), { verdict: 'failing', detail: '' }],
    ['an SSD in its prime', nvme(99), { verdict: 'passed', detail: '' }],
    ['an SSD that is used up', nvme(104), { verdict: 'worn', detail: '104 % of its life is used up' }],
  ])('%s', (_, output, verdict) => {
    expect(parseSmart(output)).toEqual(verdict);
  });

  test.each([
    ['asleep', '{"smartctl":{"exit_status":2,"messages":[{"string":"Device is in STANDBY mode, exit(2)"}]}}'],
    ['not permitted', '{"smartctl":{"exit_status":2,"messages":[{"string":"Permission denied"}]}}'],
    ['nothing', ''],
    ['no JSON', 'smartctl 7.4 2023-08-01 r5530'],
    ['a verdict of another kind', '{"smart_status":{"passed":"yes"}}'],
    ['null', 'null'],
  ])('%s is no verdict', (_, output) => {
    expect(parseSmart(output)).toBeNull();
  });

  test('is asked without waking a disk, and a node is never an option', () => {
    const args = smartctlArguments('-x');
    expect(args).toContain('--nocheck=standby');
    expect(args.slice(-2)).toEqual(['--', '-x']);
  });
});
