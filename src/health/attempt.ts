/** One probe under way: what it was doing, what it must leave behind closed, and why it failed. */

import { getSystemErrorName } from 'node:util';
import { FairleadError } from '../ipvs/errors.ts';
import { errnoText, SystemCallError } from '../linux/errno.ts';
import type { Dialer } from './dial.ts';
import type { Looks } from './looks.ts';
import type { FailureReason, Outcome } from './outcome.ts';
import type { Target } from './target.ts';
import type { Roots } from './tls.ts';

/** Thrown by a probe. */
export class ProbeFailure extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** What all probes share. */
export type Tools = { readonly dialer: Dialer; readonly roots: Roots; readonly looks: Looks };

export type Attempt = Tools & {
  readonly target: Target;
  /** What is waited for from now on: a timeout says it. */
  awaits(what: string): void;
  /** To be done when the probe is over, however it ends. */
  atEnd(close: () => void): void;
  /** From now on no answer in time is well, too. */
  acceptsSilence(): void;
};

/** What a probe that went well has to say. */
export type Success = {
  readonly weight?: number;
  readonly detail?: string;
  /** Where it knows better than the clock. */
  readonly latencyMs?: number;
};

/** A probe under way. */
export type Probing = {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Its time is over. */
  expire(): void;
};

const reasonsByErrno: Readonly<Record<string, FailureReason>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  ECONNABORTED: 'closed',
  ERR_STREAM_DESTROYED: 'closed',
  ERR_STREAM_PREMATURE_CLOSE: 'closed',
  ERR_STREAM_WRITE_AFTER_END: 'closed',
  EPROTO: 'malformed',
  ETIMEDOUT: 'timeout',
};

/** The outcome that an error of a probe, of a socket or of this program stands for. */
function failureOf(error: unknown): Outcome {
  if (error instanceof ProbeFailure) return { ok: false, reason: error.reason, detail: error.message };
  return { ok: false, reason: reasonsByErrno[codeOf(error)] ?? 'local', detail: detailOf(error) };
}

/**
 * `connect: ECONNREFUSED (connection refused)`, whoever made the call. Node's own words have the ports of this very probe in
 * them, and the real server's address where another one was asked.
 */
function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof FairleadError) return error.detail ?? error.message;
  const { syscall, errno, path } = error as NodeJS.ErrnoException;
  const isOfSocket = syscall !== undefined && errno !== undefined && path === undefined;
  return isOfSocket ? `${syscall}: ${errnoText(errno)}` : error.message;
}

/** The name that Node or the kernel has for an error. */
export function codeOf(error: unknown): string {
  if (error instanceof SystemCallError) return getSystemErrorName(-error.errno);
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : '';
}

/** Runs a probe to its end, or until it expires, and closes what it has opened. */
export function attempted(
  target: Target,
  tools: Tools,
  run: (attempt: Attempt) => Promise<Success>,
): Probing {
  const began = performance.now();
  const closing: (() => void)[] = [];
  let awaited = 'an answer';
  let silenceIsWell = false;
  let resolve: ((outcome: Outcome) => void) | undefined;
  const outcome = new Promise<Outcome>((ended) => {
    resolve = ended;
  });
  const end = (found: Outcome): void => {
    if (!resolve) return;
    resolve(found);
    resolve = undefined;
    for (const close of closing.toReversed()) close();
  };
  const succeed = (success: Success): void =>
    end({ ok: true, latencyMs: performance.now() - began, ...success });
  const attempt: Attempt = {
    ...{ ...tools, target },
    awaits: (what) => {
      awaited = what;
    },
    atEnd: (close) => {
      if (resolve) closing.push(close);
      else close();
    },
    acceptsSilence: () => {
      silenceIsWell = true;
    },
  };
  run(attempt).then(succeed, (error: unknown) => end(failureOf(error)));
  return {
    outcome,
    expire: () => {
      if (silenceIsWell) succeed({});
      else end({ ok: false, reason: 'timeout', detail: `still waiting for ${awaited}` });
    },
  };
}
