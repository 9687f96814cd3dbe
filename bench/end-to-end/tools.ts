/** Where Debian's haproxy and nginx are: installed, or unpacked by the set-up, whose packages would start services. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../../src/lab/errors.ts';

const unpacked = fileURLToPath(new URL('../../.setup', import.meta.url));

export const haproxy = (): string => find('usr/sbin/haproxy', 'haproxy');
export const nginx = (): string => find('usr/sbin/nginx', 'nginx');
export const streamModule = (): string =>
  find('usr/lib/nginx/modules/ngx_stream_module.so', 'libnginx-mod-stream');

function find(file: string, debian: string): string {
  const path = ['/', join(unpacked, debian)].map((root) => join(root, file)).find((each) => existsSync(each));
  if (path === undefined)
    throw new LabError(`${file} is missing: node scripts/setup.mjs bench (Debian package ${debian})`, 2);
  return path;
}
