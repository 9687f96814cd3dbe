/** Somebody in a namespace who asks its director over TCP, and what he needs for that: certificates, tokens. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { describeApi } from '../../src/api/openapi.ts';
import { must } from './processes.ts';
import { bin, type Namespace } from './support.ts';

export type Question = {
  readonly host?: string;
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Options of tls.connect(), with paths for `ca`, `cert` and `key`; plain text without. */
  readonly tls?: Readonly<Record<string, unknown>>;
  readonly keep?: true;
};

export type Reply = {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of the connection it came by. */
  readonly clientPort?: number;
  /** Instead of an answer. */
  readonly error?: string;
};

export type Asker = (question: Question) => Promise<Reply>;

const script = fileURLToPath(new URL('asking.mjs', import.meta.url));

export function createAsker(namespace: Namespace): Asker {
  const { child } = namespace.start(process.execPath, script);
  if (!child.stdout) throw new Error('no standard output');
  const replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (question) => {
    child.stdin?.write(`${JSON.stringify(question)}\n`);
    const reply = JSON.parse((await replies.next()).value as string) as Reply;
    expectDescribed(question, reply);
    return reply;
  };
}

type Paths = Readonly<
  Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, unknown>> }>>>
>;
const paths = describeApi('test')['paths'] as Paths;

/** Whatever a route answers in these tests, its description must know that it may. */
function expectDescribed({ method = 'GET', path = '/' }: Question, { status, error }: Reply): void {
  const words = path.split('/');
  const fits = (template: string): boolean => {
    const parts = template.split('/');
    return (
      parts.length === words.length && parts.every((part, at) => part.startsWith('{') || part === words[at])
    );
  };
  const [template = ''] = Object.keys(paths).filter(fits);
  const described = paths[template]?.[method.toLowerCase()];
  if (error === undefined && described)
    expect(Object.keys(described.responses), `${method} ${path}`).toContain(String(status));
}

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'fl-api-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export type Pair = { readonly certificate: string; readonly key: string };

/** A key and a certificate for an address, which has signed itself or was signed by another. */
export async function createPair(
  directory: string,
  name: string,
  issuer?: Pair,
  address = '127.0.0.1',
): Promise<Pair> {
  const pair = { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
  const signed = issuer ? ['-CA', issuer.certificate, '-CAkey', issuer.key] : [];
  await must([
    ...[
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
    ],
    ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${address}`, ...signed],
    ...['-keyout', pair.key, '-out', pair.certificate],
  ]);
  return pair;
}

/** `fairlead token create`; what it shows. */
export async function createToken(
  file: string,
  name: string,
  role: string,
  ...words: string[]
): Promise<string> {
  const argv = [bin.fairlead, 'token', 'create', name, '--role', role, '--file', file, ...words];
  return (await must(argv)).trim();
}

export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** `fairlead apply` of this text; what it said. */
export async function applyText(namespace: Namespace, text: string) {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'fairlead.yaml'), text);
  return await namespace.fairlead(`apply ${join(directory, 'fairlead.yaml')}`);
}
