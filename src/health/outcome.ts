/** What came of asking a real server once. */

/**
 * Why a probe failed: the word in events and metrics, and what it says. docs/probes.md has a row for each.
 * `local` alone says nothing of the real server: it was not asked.
 */
export const failureReasons = {
  refused: 'nobody listens there, or a firewall refuses',
  unreachable: 'no way leads to it, or nobody answers for its address on the segment',
  timeout: 'no answer in time',
  closed: 'the connection was closed or reset before the answer was complete',
  malformed: 'what came back is not of this protocol',
  status: 'it answers that it is not well',
  mismatch: 'the answer is not the expected one',
  'too-long': 'the answer is longer than is read, and what was expected is not in what was read',
  redirect: 'redirected too often, in a circle, or to what cannot be followed',
  handshake: 'the TLS handshake failed',
  untrusted: 'the certificate is not trusted, or is for another name',
  expiring: 'the certificate has expired, or will too soon',
  maintenance: 'a file says so',
  command: 'the program could not be run, or was ended by a signal',
  local: 'this host could not ask',
} as const;

export type FailureReason = keyof typeof failureReasons;

export type Outcome =
  | {
      readonly ok: true;
      /** From the beginning of the probe to its answer, in milliseconds. */
      readonly latencyMs: number;
      /** The weight that a command asks for, 0 to 253. */
      readonly weight?: number;
      /** What is worth telling: a certificate's days, an address that was answered. */
      readonly detail?: string;
    }
  | { readonly ok: false; readonly reason: FailureReason; readonly detail: string };
