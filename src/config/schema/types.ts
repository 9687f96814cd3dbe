/** Values that the file is made of. A `title` says what is wanted where something else stands. */

import { type TSchema, type TUnsafe, Type } from 'typebox';
import { flagNames } from '../../ipvs/flag-names.ts';
import {
  type ForwardingMethod,
  forwardingMethods,
  type Protocol,
  protocols,
  type TunnelChecksum,
  type TunnelType,
  tunnelChecksums,
  tunnelTypes,
} from '../../ipvs/service.ts';

/** No other keys than those named. */
export const closed = { additionalProperties: false } as const;

/** What may be left out, with what it means. */
export function optional<T extends TSchema>(schema: T, description: string) {
  return Type.Optional({ ...schema, description } as T);
}

/** One of these words, and nothing else. */
export function oneOf<T extends string>(words: readonly T[], title: string): TUnsafe<T> {
  return Type.Unsafe<T>({ anyOf: words.map((word) => ({ type: 'string', const: word })), title });
}

export const name = Type.String({
  pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
  maxLength: 64,
  title: 'a name of letters, digits, `_`, `-` and `.`',
});

export const duration = Type.Union(
  [Type.Number({ minimum: 0 }), Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$' })],
  { title: 'a time: seconds, or a number with ms, s, m, h or d, like 1500ms or 5m' },
);

export const address = Type.String({ title: 'an IP address, like 192.0.2.10 or 2001:db8::10' });
export const prefix = Type.String({ title: 'an address or a prefix, like 192.0.2.0/24' });
const endpoint = Type.String({ title: 'an address with a port, like 192.0.2.10:80 or "[2001:db8::10]:80"' });

/** One, or several. */
export const endpoints = Type.Union([endpoint, Type.Array(endpoint, { minItems: 1 })], {
  title: 'an address with a port, like 192.0.2.10:80, or a list of them',
});

export const serverAddress = Type.String({
  title: 'an IP address, with a port where it needs one, like 10.0.0.11 or "[fd00::11]:8080"',
});
export const interfaceName = Type.String({ pattern: '^[^/\\s]{1,15}$', title: 'the name of an interface' });
export const port = Type.Integer({ minimum: 1, maximum: 65535, title: 'a port' });

const portRange = Type.Union(
  [Type.Integer({ minimum: 0, maximum: 65535 }), Type.String({ pattern: '^[0-9]{1,5}-[0-9]{1,5}$' })],
  { title: 'a port or a range of ports, like 80 or 8000-8999' },
);
export const ports = Type.Array(portRange, { minItems: 1, title: 'a list of ports' });

export const protocol = oneOf<Protocol>(protocols, 'a protocol');
export const method = oneOf<ForwardingMethod>(forwardingMethods, 'a forwarding method');
export const schedulerFlags = Type.Array(oneOf(flagNames, 'a flag of a scheduler'), {
  title: 'a list of flags',
});

export const tunnel = Type.Object(
  {
    type: Type.Optional(oneOf<TunnelType>(tunnelTypes, 'a type of tunnel')),
    port: Type.Optional(port),
    checksum: Type.Optional(oneOf<TunnelChecksum>(tunnelChecksums, 'a kind of checksum')),
  },
  { ...closed, title: 'a tunnel, like {type: gue, port: 6080}' },
);
