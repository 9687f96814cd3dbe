/** The file of tokens on the disk: nobody but root may write to it, and a change of it is noticed at once. */

import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { FairleadError, messageOf } from '../../ipvs/errors.ts';
import { refuseOthers, UnreadableFile } from '../../linux/named-file.ts';
import { parseTokens, renderTokens, type Token } from './token.ts';

/** Empty where there is no such file. Throws TOKEN_FILE. */
export function readTokenFile(path: string): readonly Token[] {
  const text = readOwned(path);
  const parsed = parseTokens(text ?? '');
  if ('problem' in parsed) throw new FairleadError('TOKEN_FILE', `${path}: ${parsed.problem}`);
  return parsed.tokens;
}

/** Whoever could write to it could let himself in. */
function readOwned(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FairleadError('TOKEN_FILE', messageOf(error));
  }
  try {
    const stats = fstatSync(fd);
    refuseOthers(path, stats);
    const { mode, uid, size } = stats;
    if (uid !== 0 || (mode & 0o022) !== 0)
      throw new FairleadError('TOKEN_FILE', `${path}: chown root and chmod 600 it: others can write to it`);
    if (size > maxBytes)
      throw new FairleadError('TOKEN_FILE', `${path}: it has more than ${maxBytes} octets`);
    return readFileSync(fd, 'utf8');
  } catch (error) {
    if (error instanceof FairleadError) throw error;
    if (error instanceof UnreadableFile) throw new FairleadError('TOKEN_FILE', error.message);
    throw new FairleadError('TOKEN_FILE', `${path}: ${messageOf(error)}`);
  } finally {
    closeSync(fd);
  }
}

const maxBytes = 1 << 18;

/** What `change` makes of the tokens stands in the file at once, or nothing of it. Throws TOKEN_FILE, and what `change` throws. */
export function changeTokenFile(path: string, change: (tokens: readonly Token[]) => readonly Token[]): void {
  const aside = `${path}.new`;
  let lock: number | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    lock = lockAside(aside);
    writeFileSync(lock, renderTokens(change(readTokenFile(path))));
    renameSync(aside, path);
  } catch (error) {
    if (lock !== undefined) rmSync(aside, { force: true });
    throw error instanceof FairleadError ? error : new FairleadError('TOKEN_FILE', messageOf(error));
  } finally {
    if (lock !== undefined) closeSync(lock);
  }
}

/** Of two who change it at once the second is told so. What a killed one left behind is not in the way for long. */
function lockAside(aside: string): number {
  const left = statSync(aside, { throwIfNoEntry: false });
  if (left && Date.now() - left.mtimeMs > staleMilliseconds) rmSync(aside, { force: true });
  return openSync(aside, 'wx', 0o600);
}

const staleMilliseconds = 10_000;

/** The tokens as they are in the file now. It is read when it has changed; where it is wrong there are none. */
export function createTokenBook(path: string, log: (line: string) => void): () => readonly Token[] {
  let seen: string | undefined;
  let tokens: readonly Token[] = [];
  return () => {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
    const now = stat ? [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join() : 'none';
    if (now === seen) return tokens;
    seen = now;
    tokens = [];
    try {
      tokens = readTokenFile(path);
    } catch (error) {
      log(messageOf(error));
    }
    return tokens;
  };
}
