/** Answers of a route that are text of a kind of their own, in place of JSON: for programs that know that kind. */

export type PageRequest = {
  /** As in the URL; a name that is there several times has a list. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Fires when the client has gone, or when the server is about to close. */
  readonly signal: AbortSignal;
};

export type Page = {
  readonly status: number;
  /** With its charset. */
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written as they come; the next one is asked for when the client has room for it. */
  readonly pieces: Iterable<string> | AsyncIterable<string>;
};
