/** Lists of ports and ranges of ports as text: `80,443,8000:8080`. */

import { type Port, parsePort } from '../../ipvs/address.ts';
import type { PortRange } from '../../ipvs/mark-rule.ts';

/** `undefined` for anything else. `1024:` goes to the last port, `:1023` begins with the first. */
export function parsePorts(text: string): readonly PortRange[] | undefined {
  const ranges = text.split(',').map(parseRange);
  const whole = ranges.filter((range) => range !== undefined);
  return whole.length === ranges.length ? whole : undefined;
}

function parseRange(text: string): PortRange | undefined {
  const [, from, to] = /^(\d*):(\d*)$/.exec(text) ?? [undefined, text, text];
  const first: Port | undefined = parsePort(from === '' ? '0' : (from ?? ''));
  const last: Port | undefined = parsePort(to === '' ? '65535' : (to ?? ''));
  if (text === '' || text === ':' || first === undefined || last === undefined || first > last)
    return undefined;
  return { first, last };
}
