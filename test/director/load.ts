/** Whoever asks a service while something is done to its director: requests.mjs, in a namespace. */

import { type Background, until } from './processes.ts';
import { type Namespace, root } from './support.ts';

const script = `${root}test/director/requests.mjs`;

export type LoadResult = { readonly answered: number; readonly failures: readonly string[] };

/** A load that has begun; it ends when it is asked what came of it. */
export function load(namespace: Namespace, ...words: readonly string[]): () => Promise<LoadResult> {
  const { child }: Background = namespace.start(process.execPath, script, ...words);
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  return async () => {
    child.stdin?.end();
    await until('the load has ended', () => said.endsWith('\n'), 15_000);
    return JSON.parse(said) as LoadResult;
  };
}

/** Answers at a port of the namespace, as long as that is there. Resolves once somebody listens. */
export async function answer(namespace: Namespace, port = 7): Promise<void> {
  namespace.start(process.execPath, script, 'serve', String(port));
  const listening = async () => (await namespace.must('ss', '-ltn')).includes(`:${port} `);
  await until(`${namespace.name} listens`, listening);
}
