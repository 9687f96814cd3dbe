/** One probe under way: what it was doing, what it must leave behind closed, and why it failed. */

import type { Dialer } from './dial.ts';
import type { FailureReason, Outcome } from './outcome.ts';
import type { Target } from './target.ts';

/** Thrown by a probe. */
export class ProbeFailure extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

export type Attempt = {
  readonly target: Target;
  readonly dialer: Dialer;
  /** What is waited for from now on: a timeout says it. */
  awaits(what: string): void;
  /** To be done when the probe is over, however it ends. */
  atEnd(close: () => void): void;
};

/** What a probe that went well has to say. */
export type Success = { readonly weight?: number; readonly detail?: string };

const reasonsByErrno: Readonly<Record<string, FailureReason>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  ETIMEDOUT: 'timeout',
};

/** The outcome that an error of a probe, of a socket or of this program stands for. */
function failureOf(error: unknown): Outcome {
  if (error instanceof ProbeFailure) return { ok: false, reason: error.reason, detail: error.message };
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { message: `${error}` };
  return { ok: false, reason: reasonsByErrno[code ?? ''] ?? 'local', detail: message };
}

/**
 * Runs a probe to its end or to the signal's, whichever comes first, and closes what it has opened. Never rejects.
 */
export function attempted(
  target: Target,
  dialer: Dialer,
  signal: AbortSignal,
  run: (attempt: Attempt) => Promise<Success>,
): Promise<Outcome> {
  const began = performance.now();
  const closing: (() => void)[] = [];
  let awaited = 'an answer';
  return new Promise((resolve) => {
    let isOver = false;
    const end = (outcome: Outcome): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', late);
      for (const close of closing.toReversed()) close();
      resolve(outcome);
    };
    const late = (): void => end({ ok: false, reason: 'timeout', detail: `still waiting for ${awaited}` });
    signal.addEventListener('abort', late);
    const attempt: Attempt = {
      ...{ target, dialer },
      awaits: (what) => {
        awaited = what;
      },
      atEnd: (close) => {
        if (isOver) close();
        else closing.push(close);
      },
    };
    run(attempt).then(
      (success) => end({ ok: true, latencyMs: performance.now() - began, ...success }),
      (error: unknown) => end(failureOf(error)),
    );
  });
}
