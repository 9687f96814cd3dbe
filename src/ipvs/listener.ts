/** Where the API listens besides its unix socket, and who may come in there. */

import { type Address, endpointText, isLoopback, type Port } from './address.ts';

/** The network namespace a listener is in: the one that the director serves, or that of process 1. */
export const listenerPlaces = ['namespace', 'host'] as const;
export type ListenerPlace = (typeof listenerPlaces)[number];

/** Absolute paths of PEM files. */
export type TlsFiles = {
  /** The certificate, and those between it and its root. */
  readonly certificate: string;
  readonly key: string;
  /** With it, clients need a certificate that one of these has signed, besides their token. */
  readonly clientCa?: string;
};

export type ApiListener = {
  readonly address: Address;
  readonly port: Port;
  readonly place: ListenerPlace;
  /** Without it, what goes over the wire can be read by others: on loopback only, and only when `plainText` says so. */
  readonly tls?: TlsFiles;
  readonly plainText?: true;
};

export type ApiSettings = {
  readonly listeners: readonly ApiListener[];
  /** Absolute path of the file of tokens. */
  readonly tokens: string;
  /** Requests a second that one token, and one address, may make; twice as many at once. */
  readonly rate: number;
};

export const maxListeners = 16;
export const maxRate = 10_000;

/** Nothing but the unix socket. */
export const closedApi: ApiSettings = { listeners: [], tokens: '/etc/fairlead/tokens', rate: 50 };

/** `192.0.2.1:8443`, `[::]:8443 on the host`. */
export function listenerText({ address, port, place }: ApiListener): string {
  return `${endpointText(address, port)}${place === 'host' ? ' on the host' : ''}`;
}

/** The same with all that makes it what it is: `192.0.2.1:8443, TLS by /etc/fairlead/api.crt, /etc/fairlead/api.key`. */
export function listenerWords(listener: ApiListener): string {
  const { tls } = listener;
  if (!tls) return `${listenerText(listener)}, plain text`;
  const clients = tls.clientCa === undefined ? '' : `, clients of ${tls.clientCa}`;
  return `${listenerText(listener)}, TLS by ${tls.certificate}, ${tls.key}${clients}`;
}

export function isSameListener(a: ApiListener, b: ApiListener): boolean {
  return listenerWords(a) === listenerWords(b);
}

/** In whatever order they listen. */
export function isSameApi(a: ApiSettings, b: ApiSettings): boolean {
  const [one, other] = [a, b].map(({ listeners }) => listeners.map(listenerWords).sort().join('\n'));
  return one === other && a.tokens === b.tokens && a.rate === b.rate;
}

/** Why there can be no such listener, whatever the machine; `undefined` where there can. */
export function listenerProblem(listener: ApiListener): string | undefined {
  const { tls, plainText, port, address } = listener;
  const where = listenerText(listener);
  if (port === 0) return `${where}: a port is missing`;
  if (tls && plainText) return `${where}: either TLS or plain text`;
  if (!tls && !plainText)
    return `${where}: give it a certificate and a key; without them it is plain text, and must be said to be`;
  if (!tls && !isLoopback(address))
    return `${where}: tokens would cross the network in plain text: give it a certificate and a key, or listen on 127.0.0.1 or ::1`;
  const relative =
    tls && [tls.certificate, tls.key, tls.clientCa].find((path) => path && !path.startsWith('/'));
  return relative ? `${where}: ${relative} is not an absolute path` : undefined;
}
