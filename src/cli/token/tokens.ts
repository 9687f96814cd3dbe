/** What `fairlead token` does to the file of tokens. */

import { isInForce, isTokenName, newSecret, timeText, tokenRoles } from '../../api/tcp/token.ts';
import { changeTokenFile, readTokenFile } from '../../api/tcp/token-file.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import type { CreateOptions, FileOption } from '../token.ts';

/** The token alone goes to standard output, for a script to keep. */
export function create(name: string, { role: wanted, expires, file }: CreateOptions): void {
  requireRoot();
  const role = tokenRoles.find((each) => each === wanted);
  if (!role) throw new FairleadError('BAD_REQUEST', `--role is ${tokenRoles.join(' or ')}, not ${wanted}`);
  if (!isTokenName(name))
    throw new FairleadError(
      'BAD_REQUEST',
      `${name}: a name is up to 64 letters, digits, \`_\`, \`.\`, \`@\` and \`-\``,
    );
  const { secret, hash } = newSecret();
  changeTokenFile(file, (tokens) => {
    if (tokens.some((token) => token.name === name)) throw new FairleadError('TOKEN_EXISTS', name);
    return [...tokens, { name, role, ...(expires !== undefined && { expires }), hash }];
  });
  process.stdout.write(`${secret}\n`);
  const until = expires === undefined ? 'it does not expire' : `it expires ${timeText(expires)}`;
  process.stderr.write(`${name} may come in as ${role}; ${until}. It is not shown again.\n`);
}

export function list({ file, json }: FileOption & { readonly json?: true }): void {
  requireRoot();
  const tokens = readTokenFile(file).map(({ name, role, expires }) => ({
    ...{ name, role, expires: expires === undefined ? null : timeText(expires) },
    expired: !isInForce({ ...(expires !== undefined && { expires }) }, Date.now()),
  }));
  if (json) process.stdout.write(`${JSON.stringify(tokens, undefined, 2)}\n`);
  else if (tokens.length === 0) process.stderr.write(`there are no tokens in ${file}\n`);
  else {
    const width = Math.max(4, ...tokens.map(({ name }) => name.length));
    const row = (name: string, role: string, until: string) =>
      `${name.padEnd(width)}  ${role.padEnd(9)}  ${until}\n`;
    process.stdout.write(row('NAME', 'ROLE', 'EXPIRES'));
    for (const { name, role, expires, expired } of tokens)
      process.stdout.write(row(name, role, `${expires ?? 'never'}${expired ? ' (expired)' : ''}`));
  }
}

/** All of them, or none. */
export function revoke(names: readonly string[], { file }: FileOption): void {
  requireRoot();
  changeTokenFile(file, (tokens) => {
    const unknown = names.find((name) => !tokens.some((token) => token.name === name));
    if (unknown !== undefined) throw new FairleadError('TOKEN_NOT_FOUND', unknown);
    return tokens.filter(({ name }) => !names.includes(name));
  });
}

function requireRoot(): void {
  if (process.geteuid?.() !== 0) throw new FairleadError('NOT_ROOT');
}
