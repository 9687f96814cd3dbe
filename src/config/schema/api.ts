/** `api:` of the file: where the API listens besides its unix socket. */

import { type Static, Type } from 'typebox';
import { listenerPlaces, maxListeners, maxRate } from '../../ipvs/listener.ts';
import { closed, oneOf, optional } from './types.ts';

const path = Type.String({ pattern: '^/', maxLength: 4096, title: 'an absolute path of a file' });

const listener = Type.Object(
  {
    address: Type.String({ title: 'an address with a port, like 192.0.2.1:8443 or "[2001:db8::1]:8443"' }),
    certificate: optional(path, 'PEM: the certificate, and those between it and its root'),
    key: optional(path, 'PEM: its private key'),
    client_ca: optional(
      path,
      'PEM: who must have signed a certificate that clients then need, besides their token',
    ),
    place: optional(
      oneOf(listenerPlaces, 'a place to listen in'),
      'where it listens: in the namespace of the director, or on the host (namespace)',
    ),
    plain_text: optional(Type.Literal(true, { title: 'true' }), 'without TLS, which is for loopback alone'),
  },
  {
    ...closed,
    title:
      'a listener, like {address: 192.0.2.1:8443, certificate: /etc/fairlead/api.crt, key: /etc/fairlead/api.key}',
  },
);

export const api = Type.Object(
  {
    listen: optional(
      Type.Array(listener, { title: 'a list of listeners', maxItems: maxListeners }),
      'where it listens besides the unix socket (nowhere)',
    ),
    tokens: optional(path, 'of tokens, which fairlead token writes (/etc/fairlead/tokens)'),
    rate: optional(
      Type.Integer({ minimum: 1, maximum: maxRate, title: 'a number of requests' }),
      'requests a second of one token, and of one address; twice as many at once (50)',
    ),
  },
  { ...closed, title: 'the API, like {listen: [{address: 127.0.0.1:8080, plain_text: true}]}' },
);

export type ApiEntry = Static<typeof api>;
