/**
 * What brings a real server back at every boot, in the machine's own places: sysctl.d(5), the rules of the packet
 * filter as it saves them itself, and a service of systemd that restores all of it before the addresses. Pure.
 */

import type { Address } from '../../ipvs/address.ts';
import type { Machine } from './machine.ts';
import type { Part } from './part.ts';
import { rightsFor } from './rights.ts';
import { fileStep, type Step } from './step.ts';

const settingsFile = '/etc/sysctl.d/60-fairlead-realserver.conf';
const unit = 'fairlead-realserver.service';
const unitFile = `/etc/systemd/system/${unit}`;

/** Before the addresses are there now, so that a machine that stops halfway comes back as a whole or not at all. */
export function persistence(vips: readonly Address[], parts: readonly Part[], machine: Machine): Part {
  const settings = parts.flatMap((part) => part.settings ?? []);
  const files = {
    ...(settings.length > 0 && { [settingsFile]: [comment, ...settings, ''].join('\n') }),
    ...Object.assign({}, ...parts.map((part) => part.files ?? {})),
  } as Readonly<Record<string, string>>;
  const runs = machine.works.has('systemd');
  const reload = runs ? 'systemctl daemon-reload' : undefined;
  return {
    steps: [
      ...Object.entries(files).map(([path, text]) => fileStep(path, text)),
      fileStep(unitFile, unitText(vips, parts, settings.length > 0), reload),
      {
        key: `service ${unit} enabled`,
        holds: `systemctl is-enabled -q ${unit}`,
        does: `systemctl enable -q ${unit}`,
        undo: `echo systemctl disable ${runs ? '--now ' : ''}-q ${unit}`,
      },
    ],
    programs: ['systemctl', 'sha256sum', 'base64', ...(settings.length > 0 ? ['sysctl'] : [])],
  };
}

/** Behind the addresses: it finds all done, and from now on hears of it when the packet filter is flushed. */
export function service(machine: Machine): Part {
  const active: Step = {
    key: `service ${unit} active`,
    holds: `[ ! -d /run/systemd/system ] || systemctl is-active -q ${unit}`,
    does: `systemctl start ${unit}`,
    undo: ':', // it ends when it is no longer enabled
  };
  return { steps: machine.works.has('systemd') ? [active] : [] };
}

/** Who stops, restarts or reloads them, does so with ours; who starts them, starts ours. */
const filterServices = 'nftables.service arptables.service';

const comment = '# Written by fairlead realserver join; fairlead realserver leave takes it away.';

/** Its lines run in this order, and one that fails keeps those behind it from running: no address without isolation. */
function unitText(vips: readonly Address[], parts: readonly Part[], hasSettings: boolean): string {
  const network = parts.some(({ needsNetwork }) => needsNetwork);
  const filter = parts.some(({ inPacketFilter }) => inPacketFilter);
  const reload = parts.flatMap(({ inPacketFilter, start = [] }) => (inPacketFilter ? start : []));
  const start = [
    ...(hasSettings ? [`sysctl -q -e -p ${settingsFile}`] : []),
    ...parts.flatMap((part) => part.start ?? []),
  ];
  const stop = parts.flatMap((part) => part.stop ?? []).toReversed();
  return [
    comment,
    '[Unit]',
    `Description=LVS real server of ${vips.join(' ')}`,
    `After=systemd-sysctl.service ${network ? 'network-online.target' : 'network-pre.target'}`,
    network ? 'Wants=network-online.target' : 'Before=network-online.target',
    // Their rules files begin with a flush of everybody's rules.
    ...(filter ? ['After', 'PartOf', 'ReloadPropagatedFrom'].map((each) => `${each}=${filterServices}`) : []),
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    ...start.map((line) => `ExecStart=${execLine(line)}`),
    ...reload.map((line) => `ExecReload=${execLine(line)}`),
    ...stop.map((line) => `ExecStop=-${execLine(line)}`),
    ...rightsFor(new Set(parts.flatMap(({ needs = [] }) => needs))),
    '',
    '[Install]',
    `WantedBy=multi-user.target${filter ? ` ${filterServices}` : ''}`,
    '',
  ].join('\n');
}

/** A line of shell as systemd.service(5) wants it: it has quotes and percent signs of its own. */
function execLine(line: string): string {
  const plain = /^[\w ./:=-]+$/.test(line);
  const text = plain ? line : `/bin/sh -c '${line.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return text.replaceAll('%', '%%').replaceAll('$', '$$$$');
}
