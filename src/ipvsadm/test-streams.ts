/** A stream for tests that keeps what is written to it. */

import { Writable } from 'node:stream';

export type Collector = { readonly stream: Writable; readonly text: () => string };

/** With `failure`, every write fails with that error code instead. */
export function collector(failure?: string): Collector {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      if (failure) return done(Object.assign(new Error(failure), { code: failure }));
      text += String(chunk);
      done();
    },
  });
  return { stream, text: () => text };
}
