/** A check as the file has it: what is at its default is left out. Pure. */

import type { Check, Probe, SingleCheck, TlsDemands } from '../health/check.ts';
import { millisecondsText } from './meaning/duration.ts';
import type { CheckEntry } from './schema/checks.ts';

/** Its kind is the first key. */
export function checkEntry(check: Check): CheckEntry {
  if ('combine' in check) return { [check.combine]: check.checks.map(({ name }) => name) };
  const { port, address, via, intervalMs, timeoutMs, rise, fall, jitter, start } = check;
  return {
    ...probeEntry(check.probe),
    ...(port !== undefined && { port }),
    ...(address !== undefined && { address }),
    ...(via !== undefined && { via }),
    interval: millisecondsText(intervalMs),
    timeout: millisecondsText(timeoutMs),
    ...{ rise, fall, jitter: `${Math.round(jitter * 100)}%` },
    ...(start !== 'up' && { start }),
  };
}

function probeEntry(probe: SingleCheck['probe']): CheckEntry {
  switch (probe.kind) {
    case 'tcp': {
      const { send, expect } = probe;
      return { tcp: { ...(send !== undefined && { send }), ...(expect !== undefined && { expect }) } };
    }
    case 'http':
      return probe.tls
        ? { https: { ...httpEntry(probe), ...tlsEntry(probe.tls) } }
        : { http: httpEntry(probe) };
    case 'tls':
      return { tls: tlsEntry(probe.tls) };
    case 'dns': {
      const { name, type, transport, expect } = probe;
      return { dns: { name, type, transport, ...(expect !== undefined && { expect }) } };
    }
    case 'udp':
      return { udp: udpEntry(probe) };
    case 'smtp':
      return { smtp: { helo: probe.helo, tls: probe.tls } };
    case 'grpc': {
      const { service, authority, tls } = probe;
      return {
        grpc: {
          ...(service !== '' && { service }),
          ...(authority !== undefined && { authority }),
          ...(tls && { tls: tlsEntry(tls) }),
        },
      };
    }
    case 'ping':
      return { ping: { bytes: probe.bytes } };
    case 'command': {
      const { run, user, weighs } = probe;
      return {
        command: { run: [...run], ...(user !== undefined && { user }), ...(weighs && { weighs }) },
      };
    }
    case 'file':
      return { file: { path: probe.path, down: probe.down } };
  }
}

type Of<K extends Probe['kind']> = Extract<Probe, { readonly kind: K }>;

function httpEntry({ method, path, host, headers, status, body, redirects }: Of<'http'>) {
  return {
    path,
    ...(method !== 'GET' && { method }),
    ...(host !== undefined && { host }),
    ...(Object.keys(headers).length > 0 && { headers: { ...headers } }),
    status: status.map(({ first, last }) => (first === last ? first : `${first}-${last}`)),
    ...(body !== undefined && { body }),
    ...(redirects > 0 && { redirects }),
  };
}

function tlsEntry({ name, verify, caFile, daysLeft }: TlsDemands) {
  return {
    ...(name !== undefined && { sni: name }),
    ...(verify && { verify }),
    ...(caFile !== undefined && { ca_file: caFile }),
    ...(daysLeft > 0 && { days_left: daysLeft }),
  };
}

function udpEntry({ send, expect }: Of<'udp'>) {
  return {
    ...(send.length > 0 && { send_hex: Buffer.from(send).toString('hex') }),
    ...(expect?.kind === 'any' && { reply: true }),
    ...(expect?.kind === 'pattern' && { expect: expect.pattern }),
  };
}
