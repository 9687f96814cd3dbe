/** TLS over a connection that stands, and what is demanded of the other side's certificate. */

import { stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { messageOf } from '../ipvs/errors.ts';
import { readNamed, UnreadableFile } from '../linux/named-file.ts';
import { type Attempt, ProbeFailure } from './attempt.ts';
import type { TlsDemands } from './check.ts';
import type { Looks } from './looks.ts';

/** What distributions keep the system's trusted roots in; where there is none of these, Node's own are taken. */
const systemRoots = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

const millisecondsPerDay = 86_400_000;

/** Protocols as old as a check may meet: it is to find out whether the server serves its clients. */
const oldest = 'TLSv1';

export type Secured = { readonly socket: TLSSocket; readonly daysLeft: number };

/** Contexts by the file of their roots: reading a hundred certificates for each probe would cost more than the probe. */
export type Roots = { contextOf(file: string | undefined): Promise<SecureContext> };

export function createRoots(looks: Looks): Roots {
  const known = new Map<string, { readonly changed: number; readonly context: SecureContext }>();
  const own = createSecureContext({ minVersion: oldest });
  const read = async (file: string): Promise<SecureContext> => {
    const { mtimeMs } = await stat(file);
    const found = known.get(file);
    if (found?.changed === mtimeMs) return found.context;
    const context = createSecureContext({ ca: await readNamed(file), minVersion: oldest });
    known.set(file, { changed: mtimeMs, context });
    return context;
  };
  return {
    async contextOf(file) {
      if (file !== undefined) {
        try {
          return await looks.at(file, read);
        } catch (error) {
          const detail = error instanceof UnreadableFile ? error.message : `${file}: ${messageOf(error)}`;
          throw new ProbeFailure('local', detail);
        }
      }
      for (const path of systemRoots) {
        try {
          return await looks.at(path, read);
        } catch {
          // another one, or Node's own
        }
      }
      return own;
    },
  };
}

/** Shakes hands. `protocols`: what is spoken inside (ALPN). It ends with the attempt. */
export async function secured(
  attempt: Attempt,
  under: Socket,
  demands: TlsDemands,
  protocols: readonly string[] = [],
): Promise<Secured> {
  const { name, verify, caFile, daysLeft: wanted } = demands;
  // Roots matter to those who verify.
  const secureContext = await attempt.roots.contextOf(caFile);
  attempt.awaits('the TLS handshake');
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const tls = connect({
      ...{ socket: under, secureContext, rejectUnauthorized: false },
      // Without a name there is none that the certificate could fit.
      ...(name === undefined ? { checkServerIdentity: () => undefined } : { servername: name }),
      ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
    });
    attempt.atEnd(() => tls.destroy());
    tls.once('secureConnect', () => resolve(tls));
    tls.on('error', (error: NodeJS.ErrnoException) => reject(handshakeFailure(error)));
    under.once('close', () => reject(new ProbeFailure('handshake', 'closed during the TLS handshake')));
  });
  if (verify && !socket.authorized) throw distrust(socket, name);
  const until = Date.parse(socket.getPeerCertificate().valid_to);
  const left = Math.floor((until - Date.now()) / millisecondsPerDay);
  if (wanted > 0 && !(left >= wanted))
    throw new ProbeFailure('expiring', `valid for ${left} days more, of ${wanted} that are asked for`);
  return { socket, daysLeft: left };
}

function distrust(socket: TLSSocket, name: string | undefined): ProbeFailure {
  // Typed as an error, and a string where OpenSSL is the one who says it.
  const why = String(socket.authorizationError);
  if (why === 'CERT_HAS_EXPIRED')
    return new ProbeFailure('expiring', `expired on ${socket.getPeerCertificate().valid_to}`);
  if (why.includes('ALTNAME_INVALID')) return new ProbeFailure('untrusted', `it is not for ${name}`);
  return new ProbeFailure('untrusted', why.toLowerCase().replaceAll('_', ' '));
}

function handshakeFailure(error: NodeJS.ErrnoException): Error {
  if (error.code === 'ECONNRESET') return new ProbeFailure('handshake', 'reset during the TLS handshake');
  return new ProbeFailure('handshake', tidied(error.message));
}

/** OpenSSL's own words, out of `C0B7…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:…`. */
function tidied(message: string): string {
  return /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}
