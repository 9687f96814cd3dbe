/** Certificates and keys as they are on the disk, and whether they have changed there. */

import { statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { FairleadError, messageOf } from '../ipvs/errors.ts';
import type { TlsFiles } from '../ipvs/listener.ts';
import { readNamedSync } from '../linux/named-file.ts';

/** Checked to belong together. Throws LISTENER_FAILED, which names the file. */
export function loadTls({ certificate, key, clientCa }: TlsFiles): SecureContextOptions {
  const options = {
    cert: read(certificate),
    key: read(key),
    ...(clientCa !== undefined && { ca: read(clientCa) }),
  };
  try {
    createSecureContext(options);
    return options;
  } catch (error) {
    throw new FairleadError('LISTENER_FAILED', `${certificate}, ${key}: ${messageOf(error)}`);
  }
}

function read(path: string): Buffer {
  try {
    return readNamedSync(path);
  } catch (error) {
    throw new FairleadError('LISTENER_FAILED', messageOf(error));
  }
}

/** Changes whenever one of the files does, be it written or put in the place of another. */
export function tlsStamp({ certificate, key, clientCa }: TlsFiles): string {
  return [certificate, key, clientCa].map((path) => (path === undefined ? '' : stampOf(path))).join(' ');
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join() : 'none';
}
