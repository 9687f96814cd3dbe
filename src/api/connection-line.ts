/** A connection as JSON.stringify writes it, in a fraction of the time: there may be a million of them in one answer. */

import type { ConnectionStatus, Endpoint } from '../ipvs/connection.ts';

/** Of endpoints that many connections have in common, which are the same object then. */
const texts = new WeakMap<Endpoint, string>();

/** Addresses and words need no escapes; what an engine keeps may. */
export function connectionLine(connection: ConnectionStatus): string {
  const { template, protocol, family, state, expiresInSeconds, client, method, engine } = connection;
  const [virtual, destination] = [textOf(connection.virtual), textOf(connection.destination)];
  const more = engine === undefined ? '' : `,"engine":${JSON.stringify(engine)}`;
  return `{"template":${template},"protocol":"${protocol}","family":${family},"state":"${state}","expiresInSeconds":${expiresInSeconds},"client":{"address":"${client.address}","port":${client.port}},"virtual":${virtual},"destination":${destination},"method":"${method}"${more}}`;
}

function textOf(endpoint: Endpoint): string {
  const known = texts.get(endpoint);
  if (known !== undefined) return known;
  const { address, port } = endpoint;
  const text = `{"address":"${address}","port":${port}}`;
  texts.set(endpoint, text);
  return text;
}
