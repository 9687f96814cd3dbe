/**
 * What a daemon has been told that no kernel keeps, for the daemon that comes after it. It is of one network namespace, which is known
 * by its cookie: inode numbers, by which files are found, are used again.
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { FairleadError, messageOf } from '../ipvs/errors.ts';

export type Saved<T> = {
  /** What was written last; `undefined` if nothing was, or of another namespace. */
  read(): T | undefined;
  /** Throws SYSTEM_CALL, as where no space is left; what was written before stays. */
  write(value: T): void;
  /** Writes it aside, so that no want of space is in the way any more once all else has been done. Throws SYSTEM_CALL. */
  prepare(value: T): Prepared;
  forget(): void;
};

export type Prepared = {
  /** Puts it in the place of what was written before. Throws SYSTEM_CALL. */
  commit(): void;
  discard(): void;
};

export function createSaved<T>(path: string, cookie: bigint): Saved<T> {
  const aside = `${path}.new`;
  const discard = (): void => rmSync(aside, { force: true });
  const carryOut = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      discard();
      const detail = `${path} cannot be written: ${messageOf(error)}`;
      throw new FairleadError('SYSTEM_CALL', detail, { cause: error });
    }
  };
  const prepare = (value: T): Prepared => {
    const document: Document<T> = { namespace: String(cookie), value };
    carryOut(() => writeFileSync(aside, JSON.stringify(document), { mode: 0o600 }));
    return { commit: () => carryOut(() => renameSync(aside, path)), discard };
  };
  return {
    read() {
      try {
        const { namespace, value } = JSON.parse(readFileSync(path, 'utf8')) as Document<T>;
        return namespace === String(cookie) ? value : undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError)
          return undefined;
        throw error;
      }
    },
    write: (value) => prepare(value).commit(),
    prepare,
    forget: () => rmSync(path, { force: true }),
  };
}

type Document<T> = { readonly namespace: string; readonly value: T };
