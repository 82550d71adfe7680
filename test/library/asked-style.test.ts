import { expect, test } from 'vitest';
import { askedStyle } from '../../services/library/asked-style.ts';

const TEMPLATE = '{year}/{name}.{ext}';
const DATED = { layout: 'dated', template: '', dayStarts: '03:00' } as const;
const CUSTOM = { layout: 'custom', template: TEMPLATE, dayStarts: '03:00' } as const;

test.each([
  [DATED, {}, DATED],
  [CUSTOM, {}, CUSTOM],
  [DATED, { layout: 'mirror' }, { ...DATED, layout: 'mirror' }],
  // The configured template belongs to the configured layout.
  [CUSTOM, { layout: 'numbered' }, { ...DATED, layout: 'numbered' }],
  [CUSTOM, { layout: 'custom' }, CUSTOM],
  [DATED, { template: TEMPLATE }, CUSTOM],
  [DATED, { layout: 'custom', template: TEMPLATE }, CUSTOM],
  [CUSTOM, { template: 'x/{seq}.{ext}' }, { ...CUSTOM, template: 'x/{seq}.{ext}' }],
] as const)('configured %j, asked %j, is %j', (configured, asked, style) => {
  expect(askedStyle(configured, asked)).toEqual(style);
});

test.each([
  [{ layout: 'flat' }, '--layout flat: no such layout'],
  [{ layout: 'custom' }, '--layout custom without a template'],
  [{ template: '' }, '--template : it must end in .{ext}'],
  [{ layout: 'dated', template: TEMPLATE }, '--template with --layout dated'],
  [{ template: '../{name}.{ext}' }, 'no name may begin with a dot'],
  [{ template: '{nmae}.{ext}' }, 'unknown field {nmae}'],
] as const)('%j is refused', (asked, message) => {
  expect(() => askedStyle(DATED, asked)).toThrow(
    expect.objectContaining({ exitCode: 64, message: expect.stringContaining(message) }),
  );
});
