import { UserError } from '../errors.ts';
import { LAYOUTS, type Layout, type Style } from './layout.ts';
import { FIELDS, parseTemplate } from './template.ts';

/** What a person tries instead of the configuration's own; each may be left out. */
export interface AskedStyle {
  readonly layout?: string | undefined;
  readonly template?: string | undefined;
}

/** The style that is meant: a template alone is `custom`. Throws `UserError` 64 for one that no configuration takes. */
export function askedStyle(configured: Style, asked: AskedStyle): Style {
  const layout = asked.layout ?? (asked.template === undefined ? configured.layout : 'custom');
  if (!isLayout(layout)) throw usage(`--layout ${layout}: no such layout`, `choose ${LAYOUTS.join(', ')}`);
  if (layout !== 'custom') {
    if (asked.template === undefined) return { ...configured, layout, template: '' };
    throw usage(
      `--template with --layout ${layout}`,
      'the layout custom alone takes a template: leave --layout out',
    );
  }
  const template = asked.template ?? configured.template;
  const example = 'write for instance: --template "{year}/{date}/{camera}/{name}.{ext}"';
  if (asked.template === undefined && template === '')
    throw usage('--layout custom without a template', example);
  const parsed = parseTemplate(template);
  if (!('problem' in parsed)) return { ...configured, layout, template };
  const fields = FIELDS.map((field) => `{${field}}`).join(' ');
  throw usage(`--template ${template}: ${parsed.problem}`, `fields: ${fields}; ${example}`);
}

const isLayout = (word: string): word is Layout => (LAYOUTS as readonly string[]).includes(word);

const usage = (what: string, hint: string): UserError => new UserError('usage', 64, what, hint);
