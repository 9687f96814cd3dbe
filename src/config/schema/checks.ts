/** Health checks as the file has them. */

import { type Static, type TProperties, Type } from 'typebox';
import {
  checkStarts,
  checkVias,
  type DnsType,
  dnsTypes,
  type HttpMethod,
  httpMethods,
  type SmtpTls,
  smtpTls,
} from '../../health/check.ts';
import { address, closed, duration, name, oneOf, optional, port } from './types.ts';

const text = (description: string) => optional(Type.String({ title: 'a text' }), description);
const yesNo = (description: string) => optional(Type.Boolean({ title: 'true or false' }), description);
const whole = (minimum: number, maximum: number, description: string) =>
  optional(Type.Integer({ minimum, maximum, title: 'a number' }), description);
const pattern = (description: string) =>
  optional(Type.String({ title: 'a regular expression' }), description);

/** What a kind of check may be told; nothing at all is well, too: `ping:`. */
function settings<T extends TProperties>(properties: T, description: string) {
  const mapping = Type.Object(properties, { ...closed });
  return optional(
    Type.Union([mapping, Type.Null()], { title: 'the settings of a check, or nothing' }),
    description,
  );
}

const tlsSettings = {
  sni: text('the server name that is asked for'),
  verify: yesNo('whether the certificate must be of a trusted root and fit the name (false)'),
  ca_file: text("a file of roots that are trusted instead of the system's"),
  days_left: whole(0, 3650, 'days that the certificate has to be valid still (0)'),
};

const statusRange = Type.Union(
  [Type.Integer({ minimum: 100, maximum: 599 }), Type.String({ pattern: '^[1-5][0-9]{2}-[1-5][0-9]{2}$' })],
  { title: 'a status or a range, like 200 or 200-299' },
);

const statuses = Type.Array(statusRange, { minItems: 1, title: 'a list of statuses' });
const headers = Type.Record(Type.String(), Type.String({ title: 'a text' }), { title: 'headers by name' });

const httpSettings = {
  path: optional(Type.String({ pattern: '^/', title: 'a path' }), 'what is asked for (/)'),
  method: optional(oneOf<HttpMethod>(httpMethods, 'a method'), 'of the request (GET)'),
  host: text('the Host header (the address)'),
  headers: optional(headers, 'further headers of the request'),
  status: optional(statuses, 'what is well (200-299)'),
  body: pattern('what the first 64 KiB of the body must match'),
  redirects: whole(0, 10, 'how many redirections are followed (0)'),
};

const octets = Type.String({ pattern: '^([0-9a-fA-F]{2} ?)*$', title: 'octets like 00ff' });
const argv = Type.Array(Type.String(), {
  minItems: 1,
  title: 'a program and its words, like [/usr/local/bin/check, "{rip}"]',
});
const grpcTls = Type.Union([Type.Boolean(), Type.Object(tlsSettings, { ...closed })], {
  title: 'true, false, or the settings of TLS',
});

/** Each kind of check, by its key. */
export const probes = {
  tcp: settings(
    { send: text('what is sent once connected'), expect: pattern('what must come back') },
    'a connection is accepted',
  ),
  http: settings(httpSettings, 'a request is answered'),
  https: settings({ ...httpSettings, ...tlsSettings }, 'a request is answered over TLS'),
  tls: settings(tlsSettings, 'a TLS handshake succeeds'),
  dns: settings(
    {
      name: text('the name that is asked for (.)'),
      type: optional(oneOf<DnsType>(dnsTypes, 'a type of record'), 'of record that is asked for (SOA)'),
      transport: optional(oneOf(['udp', 'tcp'] as const, 'udp or tcp'), 'how it is asked (udp)'),
      expect: text('one of the answers'),
    },
    'a question is answered',
  ),
  udp: settings(
    {
      send: text('what is sent, as text'),
      send_hex: optional(octets, 'what is sent, as octets'),
      reply: yesNo('whether a reply must come (false: only an ICMP error is a failure)'),
      expect: pattern('what the reply must match; it has to come then'),
    },
    'a datagram is not refused',
  ),
  smtp: settings(
    {
      helo: text('the name we say (localhost)'),
      tls: optional(
        oneOf<SmtpTls>(smtpTls, 'none, starttls or implicit'),
        'whether and when it is TLS (none)',
      ),
    },
    'a mail server greets, and answers EHLO',
  ),
  grpc: settings(
    {
      service: text('the service that is asked about (all)'),
      authority: text('the :authority; without it, the address'),
      tls: optional(grpcTls, 'whether, and how, it is TLS (false)'),
    },
    'grpc.health.v1.Health/Check says SERVING',
  ),
  ping: settings({ bytes: whole(0, 1400, 'octets that are sent along (56)') }, 'an ICMP echo comes back'),
  command: settings(
    {
      run: { ...argv, description: '{vip}, {vport}, {rip} and {rport} are filled in' } as typeof argv,
      user: text('who it runs as (nobody)'),
      weighs: yesNo('whether exit codes from 2 are weights, plus 2 (false)'),
    },
    'a program ends with 0',
  ),
  file: settings(
    {
      path: Type.String({ pattern: '^/', title: 'a path', description: 'with the same words filled in' }),
      down: optional(oneOf(['present', 'absent'] as const, 'present or absent'), 'when it is down (present)'),
    },
    'a file is not there, or is',
  ),
} as const;

export type ProbeKey = keyof typeof probes;
export const probeKeys = Object.keys(probes) as readonly ProbeKey[];

const checkNames = Type.Array(name, { minItems: 1, title: 'a list of names of checks' });

const share = Type.String({ pattern: '^[0-9]{1,3}%$', title: 'a share like 10%' });

export const check = Type.Object(
  {
    ...probes,
    all: optional(checkNames, 'other checks, all of which must be well'),
    any: optional(checkNames, 'other checks, one of which must be well'),
    port: optional(port, "another port than the real server's"),
    address: optional(address, "another address than the real server's"),
    via: optional(
      oneOf(checkVias, 'a way'),
      "dr: to the virtual address at the real server's MAC; rip: to its own address (dr with gate, else rip)",
    ),
    interval: optional(duration, 'from one check to the next (5s)'),
    timeout: optional(duration, 'how long an answer is waited for (2s, or the interval)'),
    rise: whole(1, 1000, 'good answers in a row that make a real server up (2)'),
    fall: whole(1, 1000, 'bad answers in a row that make it down (3)'),
    jitter: optional(share, 'of the interval, by which each check is moved at random (10%)'),
    start: optional(oneOf(checkStarts, 'up or down'), 'what holds before the first answers (up)'),
  },
  { ...closed, title: 'a check, like {http: {path: /healthz}, interval: 2s}' },
);

/** By name, or on the spot. */
export const checkList = Type.Array(Type.Union([name, check], { title: 'the name of a check, or a check' }), {
  title: 'a list of checks',
});

export type CheckEntry = Static<typeof check>;
export type CheckReference = string | CheckEntry;
