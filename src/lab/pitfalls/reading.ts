/** What `fairlead doctor` prints for people, read as a person would read it. Pure. */

export type Finding = {
  readonly code: string;
  readonly problem: string;
  readonly host: Where;
  /** What is to be typed, host by host, in this order. */
  readonly cure: readonly Cure[];
};

export type Where = { readonly role: string; readonly address?: string; readonly mac?: string };

export type Cure = {
  readonly role: string;
  /** The address of the host, where it is another than the one that was asked. */
  readonly address?: string;
  readonly commands: readonly string[];
};

const roles = 'director|real server|client|other host';
const headline = /^([a-z][a-z0-9-]*): (.*)$/;
const ip = '[0-9a-f]*[.:][0-9a-f.:]*';
const place = new RegExp(`^(${roles})(?: (${ip}))?(?: \\(([0-9a-f:]{17})\\))?`);
const part = new RegExp(`^on the (${roles})(?: (${ip}))?:$`);

/** The findings of a report, in its order. Lines that belong to none are left out. */
export function readFindings(report: string): readonly Finding[] {
  return report.split(/\n\n+/).flatMap((block) => {
    const [first = '', ...rest] = block.split('\n');
    const [, code, problem] = headline.exec(first) ?? [];
    const fields = fieldsIn(rest);
    const host = readPlace(fields.get('where')?.[0] ?? '');
    if (code === undefined || problem === undefined || host === undefined) return [];
    return [{ code, problem, host, cure: readCure(fields.get('cure') ?? []) }];
  });
}

/** By label; a line without one goes on with the field above. */
function fieldsIn(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  let values: string[] = [];
  for (const line of lines) {
    const label = line.slice(2, 12).trim();
    if (label !== '') {
      values = [];
      fields.set(label, values);
    }
    values.push(line.slice(12));
  }
  return fields;
}

function readPlace(text: string): Where | undefined {
  const [, role, address, mac] = place.exec(text) ?? [];
  return role === undefined ? undefined : { role, ...(address && { address }), ...(mac && { mac }) };
}

function readCure(lines: readonly string[]): readonly Cure[] {
  const cures: (Cure & { commands: string[] })[] = [];
  for (const line of lines) {
    const [, role, address] = part.exec(line) ?? [];
    if (role !== undefined) cures.push({ role, ...(address && { address }), commands: [] });
    else if (line.startsWith('  ')) cures.at(-1)?.commands.push(line.trim());
  }
  return cures;
}
