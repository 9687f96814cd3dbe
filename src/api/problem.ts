/** Refusals as application/problem+json (RFC 9457). `type` is a place in this project's documentation, on no host. */

import { type ErrorCode, errorTable, FairleadError, problemType } from '../ipvs/errors.ts';

export const problemMediaType = 'application/problem+json';

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail?: string;
};

export function problemOf({ code, status, detail }: FairleadError): Problem {
  const { message: title } = errorTable[code];
  return { type: problemType(code), title, status, code, ...(detail !== undefined && { detail }) };
}

/** The part of fastify's and Node's errors that says whose fault one is. */
type ForeignError = Error & { readonly code?: string; readonly statusCode?: number };

/** What another's error comes to, where a client has asked for something that cannot be served. */
export function coded(error: ForeignError): FairleadError {
  if (error instanceof FairleadError) return error;
  const make = (code: ErrorCode): FairleadError => new FairleadError(code, error.message, { cause: error });
  if (error.statusCode === 413) return make('BODY_TOO_LARGE');
  if (error.statusCode === 415) return new FairleadError('NOT_JSON', 'content-type: application/json');
  if (error instanceof SyntaxError) return make('BAD_REQUEST');
  const isClients = 'validation' in error || (error.statusCode ?? 500) < 500;
  return make(isClients ? 'BAD_REQUEST' : 'SYSTEM_CALL');
}
