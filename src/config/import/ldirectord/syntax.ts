/**
 * ldirectord.cf(8) as lines: `key = value`, where those that are indented below `virtual =` belong to it. Comments
 * begin with #.
 */

export type Setting = { readonly key: string; readonly value: string; readonly line: number };

export type Virtual = Setting & { readonly settings: readonly Setting[] };

export type Directives = { readonly global: readonly Setting[]; readonly virtuals: readonly Virtual[] };

export function parseLdirectord(text: string, say: (line: number, message: string) => void): Directives {
  const global: Setting[] = [];
  const virtuals: (Setting & { readonly settings: Setting[] })[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = raw.replace(/^\s*#.*$/, '').trimEnd();
    if (content.trim() === '') continue;
    const [, indent = '', key = '', value = ''] = /^(\s*)([a-z0-9_]+)\s*=\s*(.*)$/i.exec(content) ?? [];
    const setting = { key: key.toLowerCase(), value: unquoted(value), line };
    const current = virtuals.at(-1);
    if (key === '') say(line, `${content.trim()}: no key = value`);
    else if (/^virtual6?$/.test(setting.key)) virtuals.push({ ...setting, settings: [] });
    else if (indent !== '' && current) current.settings.push(setting);
    else global.push(setting);
  }
  return { global, virtuals };
}

function unquoted(value: string): string {
  return /^"([^"]*)"$/.exec(value)?.[1] ?? value;
}

/** The last value of a key, from the innermost settings outwards. */
export function settingOf(
  scopes: readonly (readonly Setting[])[],
  ...keys: readonly string[]
): string | undefined {
  for (const scope of scopes) {
    const found = scope.findLast(({ key }) => keys.includes(key));
    if (found) return found.value;
  }
  return undefined;
}
