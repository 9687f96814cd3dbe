/** ldirectord.cf as a configuration: its virtual services, with fallbacks and what it asks of real servers. */

import { endpointText, parseAddress } from '../../../ipvs/address.ts';
import type { ForwardingMethod } from '../../../ipvs/service.ts';
import { secondsText } from '../../meaning/duration.ts';
import type { CheckEntry } from '../../schema/checks.ts';
import type { FileEntry } from '../../schema/file.ts';
import type { ServerEntry, ServiceEntry } from '../../schema/service.ts';
import { type CheckNames, createCheckNames, withSharedChecks } from '../check-names.ts';
import { createNotes, type Imported, type Say } from '../imported.ts';
import { checkOf, protocolOf, usualPortOf } from './check.ts';
import { partsOf, readReal } from './real.ts';
import { parseLdirectord, type Setting, settingOf, type Virtual } from './syntax.ts';

/** Read here and in check.ts; the rest has no like. */
const knownGlobal = [
  ...['checktimeout', 'connecttimeout', 'negotiatetimeout', 'checkinterval', 'checkcount', 'failurecount'],
  ...['fallback', 'fallback6', 'quiescent', 'maintenancedir', 'virtualhost'],
];
const knownVirtual = [
  ...knownGlobal,
  ...[
    'real',
    'real6',
    'checktype',
    'service',
    'checkcommand',
    'checkport',
    'request',
    'receive',
    'httpmethod',
  ],
  ...['scheduler', 'persistent', 'netmask', 'protocol', 'ops', 'schedflags', 'servicename', 'comment'],
];
/** How the program runs, which is no matter of this file. */
const ofTheProgram = [
  'logfile',
  'autoreload',
  'fork',
  'supervised',
  'execute',
  'cleanstop',
  'callback',
  'readdquiescent',
];

export function importLdirectord(text: string): Imported {
  const { say, notes } = createNotes();
  const { global, virtuals } = parseLdirectord(text, say);
  for (const { key, line } of global) {
    if (ofTheProgram.includes(key)) say(line, `${key}: how ldirectord itself runs`);
    else if (!knownGlobal.includes(key)) say(line, key);
  }
  const names = createCheckNames();
  const services = virtuals.flatMap((virtual) => serviceOf(virtual, global, names, say));
  const file: FileEntry = {
    ...(Object.keys(names.checks()).length > 0 && { checks: names.checks() }),
    services,
  };
  return { file, notes: notes() };
}

function serviceOf(
  virtual: Virtual,
  global: readonly Setting[],
  names: CheckNames,
  say: Say,
): readonly ServiceEntry[] {
  for (const { key, line } of virtual.settings) if (!knownVirtual.includes(key)) say(line, key);
  const listening = listeningOf(virtual, say);
  if (!listening) return [];
  const own = [virtual.settings];
  const flags = settingOf(own, 'schedflags')?.split(/[\s,]+/) as ServiceEntry['flags'];
  const service: ServiceEntry = {
    ...listening,
    scheduler: (settingOf(own, 'scheduler') ?? 'wrr') as NonNullable<ServiceEntry['scheduler']>,
    ...(flags && { flags }),
    ...persistenceOf(virtual),
    ...(settingOf(own, 'ops') === 'yes' && { one_packet: true }),
    ...(settingOf([virtual.settings, global], 'quiescent') === 'yes' && { on_failure: 'quiesce' as const }),
    ...fallbackOf(virtual, global, say),
  };
  const servers = virtual.settings
    .filter(({ key }) => /^real6?$/.test(key))
    .flatMap((real) => serversOf(real, virtual, global, listening, names, say));
  return [withSharedChecks(service, servers)];
}

function listeningOf(virtual: Virtual, say: Say): ServiceEntry | undefined {
  const protocol = protocolOf(virtual);
  if (protocol === 'fwm') {
    const family = virtual.key === 'virtual6' ? ({ family: 6 } as const) : {};
    return { mark: Number(virtual.value), ...family };
  }
  const { hosts, port = '0' } = partsOf(virtual.value);
  const address = parseAddress(hosts[0] ?? '');
  if (address !== undefined && /^\d+$/.test(port)) return { [protocol]: endpointText(address, Number(port)) };
  say(virtual.line, `${virtual.value} is no address with a port in numbers`);
  return undefined;
}

function familyIs6({ key, value }: Virtual): boolean {
  return key === 'virtual6' || value.startsWith('[');
}

function persistenceOf(virtual: Virtual): Pick<ServiceEntry, 'persistence'> {
  const timeout = settingOf([virtual.settings], 'persistent');
  if (timeout === undefined) return {};
  const netmask = settingOf([virtual.settings], 'netmask');
  if (netmask === undefined) return { persistence: secondsText(Number(timeout)) };
  return {
    persistence: {
      timeout: secondsText(Number(timeout)),
      netmask: netmask.includes('.') ? netmask : Number(netmask),
    },
  };
}

/** `127.0.0.1:80 gate` */
function fallbackOf(
  virtual: Virtual,
  global: readonly Setting[],
  say: Say,
): Pick<ServiceEntry, 'sorry_server'> {
  const general = familyIs6(virtual) ? 'fallback6' : 'fallback';
  const said = settingOf([virtual.settings], 'fallback', 'fallback6') ?? settingOf([global], general);
  const [target, method = 'gate'] = said?.split(/\s+/) ?? [];
  if (target === undefined) return {};
  const { hosts, port } = partsOf(target);
  const address = parseAddress(hosts[0] ?? '');
  if (address === undefined) {
    say(virtual.line, `the fallback ${target} is no address: names are not looked up`);
    return {};
  }
  const text = method === 'masq' && port !== undefined ? endpointText(address, Number(port)) : address;
  return { sorry_server: method === 'gate' ? text : { address: text, method: method as ForwardingMethod } };
}

function serversOf(
  setting: Setting,
  virtual: Virtual,
  global: readonly Setting[],
  listening: ServiceEntry,
  names: CheckNames,
  say: Say,
): readonly ServerEntry[] {
  const real = readReal(setting, say);
  if (!real) return [];
  const { addresses, port = '0', method, weight, upper, lower, ...asked } = real;
  const listensOn = Object.values(listening).map(String);
  const isOther = port !== '0' && !listensOn.some((text) => text.endsWith(`:${port}`));
  const isKept = isOther && (method === 'masq' || listening.mark !== undefined);
  const isLost = isOther && !isKept;
  if (isLost) say(setting.line, `port ${port}: only masquerading can change a port; its checks keep it`);
  const askedPort = isLost
    ? Number(port)
    : listening.mark !== undefined && !isKept
      ? usualPortOf(virtual)
      : undefined;
  const check = checkOf(virtual, global, { ...asked, ...(askedPort !== undefined && { askedPort }) }, say);
  const checks = [check, maintenanceOf(global)].flatMap((each) => (each ? [names.nameOf(each)] : []));
  return addresses.map((address) => ({
    address: isKept ? endpointOf(address, port) : address,
    ...(weight !== undefined && { weight }),
    ...(method !== 'gate' && { method }),
    ...(upper !== undefined && { upper_threshold: upper }),
    ...(lower !== undefined && { lower_threshold: lower }),
    ...(checks.length > 0 && { checks }),
  }));
}

function endpointOf(address: string, port: string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A file by the name of a real server takes it out of service. */
function maintenanceOf(global: readonly Setting[]): CheckEntry | undefined {
  const directory = settingOf([global], 'maintenancedir');
  return directory === undefined ? undefined : { file: { path: `${directory.replace(/\/$/, '')}/{rip}` } };
}
