/** Certificates for tests, by openssl(1): an authority, and what it has signed. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Certificate = { readonly key: string; readonly cert: string };

export type Authority = {
  /** The file with its own certificate. */
  readonly file: string;
  /** For this name, valid until so many days from now; they may be gone. */
  sign(name: string, days: number): Certificate;
  remove(): void;
};

export function createAuthority(): Authority {
  const home = mkdtempSync(join(tmpdir(), 'fl-test-ca-'));
  const openssl = (...words: readonly string[]): void => {
    execFileSync('openssl', words, { cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const ecKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...ecKey,
    '-subj',
    '/CN=Test',
    '-days',
    '10',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  writeFileSync(join(home, 'index.txt'), '');
  writeFileSync(
    join(home, 'ca.cnf'),
    [
      ...[
        '[ca]',
        'default_ca = it',
        '[it]',
        'database = index.txt',
        'rand_serial = yes',
        'new_certs_dir = .',
      ],
      ...['default_md = sha256', 'policy = any', 'unique_subject = no', 'copy_extensions = copy'],
      ...['[any]', 'commonName = supplied', ''],
    ].join('\n'),
  );
  return {
    file: join(home, 'ca.pem'),
    sign(name, days) {
      const [first, last] = [-400, days].map((after) => asn1Time(Date.now() + after * 86_400_000));
      const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
      openssl('req', '-new', ...ecKey, ...names, '-keyout', 'it.key', '-out', 'it.csr');
      const who = ['-cert', 'ca.pem', '-keyfile', 'ca.key', '-in', 'it.csr', '-out', 'it.pem'];
      const when = ['-startdate', first ?? '', '-enddate', last ?? ''];
      openssl('ca', '-batch', '-notext', '-config', 'ca.cnf', ...who, ...when);
      const text = (file: string): string => readFileSync(join(home, file), 'utf8');
      return { key: text('it.key'), cert: text('it.pem') };
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** `20261127093000Z`. */
function asn1Time(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`;
}
