import { describe, expect, it } from 'vitest';
import type { ReloadAnswer } from '../../api/routes.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import { createReload } from './reload.ts';

const refused = new FairleadError('CONFIGURATION_REFUSED', '/f:1:1: no\n/f:2:1: no');
const answer = (changes: number): ReloadAnswer => ({ file: '/f', changes, summary: `${changes} to do` });

/** A file that is read until somebody ends it; what was said of it, to whomever. */
function reloading() {
  const said: string[] = [];
  const reading: { done(outcome: ReloadAnswer | Error): void }[] = [];
  const reload = createReload({
    file: {
      apply: () =>
        new Promise((resolve, reject) => {
          said.push('read');
          reading.push({ done: (each) => (each instanceof Error ? reject(each) : resolve(each)) });
        }),
    },
    supervisor: { reloading: () => said.push('reloading'), ready: () => said.push('ready') },
    log: {
      ...{ debug: () => undefined, warning: () => undefined },
      info: (line) => said.push(line),
      error: (line) => said.push(`error ${line}`),
    },
  });
  const serving = () => {
    reload.serving();
    return { said, reload, settle };
  };
  const settle = async (outcome: ReloadAnswer | Error): Promise<void> => {
    await turn();
    reading.shift()?.done(outcome);
    await turn();
  };
  return { said, reload, settle, serving };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a reload', () => {
  it('is told of while it goes on, and answers what it has done', async () => {
    const { said, reload, settle } = reloading().serving();
    const asked = reload.now();
    await settle(answer(2));
    expect(await asked).toEqual(answer(2));
    expect(said).toEqual(['reloading', 'read', '/f: 2 to do', 'ready']);
  });

  it('that is asked for while another goes on reads the file again, once for all who ask', async () => {
    const { said, reload, settle } = reloading().serving();
    const first = reload.now();
    await turn();
    const others = [reload.now(), reload.now()];
    reload.quietly();
    await settle(answer(1));
    await settle(answer(0));
    expect(await Promise.all([first, ...others])).toEqual([answer(1), answer(0), answer(0)]);
    expect(said.filter((line) => line === 'read').length).toBe(2);
  });

  it('that is refused is said to whoever asked, in the log and in the sentence, until one is not', async () => {
    const { said, reload, settle } = reloading().serving();
    const asked = reload.now();
    const outcome = expect(asked).rejects.toBe(refused);
    await settle(refused);
    await outcome;
    expect(said.slice(2)).toEqual([
      'error The configuration file is refused, and nothing was changed: /f:1:1: no',
      'error /f:2:1: no',
      'ready',
    ]);
    expect(reload.sentence(3)).toMatch(/^Serving 3 services, as before: .*\/f:1:1: no$/);
    reload.quietly();
    await settle(answer(0));
    expect(reload.sentence(1)).toBe('Serving 1 service');
  });

  it('by a signal is over before the daemon ends, and a refusal is no failure of its', async () => {
    const { said, reload, settle } = reloading().serving();
    reload.quietly();
    const closed = reload.close().then(() => said.push('closed'));
    await settle(refused);
    await closed;
    expect(said.slice(-2)).toEqual(['ready', 'closed']);
  });

  it('that fails as nobody has foreseen is said with where it comes from, and is no end of the daemon', async () => {
    const { said, reload, settle } = reloading().serving();
    const failure = new RangeError('Maximum call stack size exceeded');
    reload.quietly();
    await settle(failure);
    expect(said.slice(2)).toEqual([`error ${failure.message}`, `error ${failure.stack}`, 'ready']);
    expect(reload.sentence(1)).toBe(`Serving 1 service, as before: ${failure.message}`);
    const asked = expect(reload.now()).rejects.toBe(failure);
    await settle(failure);
    await asked;
  });
});

describe('the first reading', () => {
  it('whatever comes of it, is followed by serving what there is', async () => {
    for (const failure of [refused, new RangeError('Maximum call stack size exceeded')]) {
      const { reload, settle } = reloading();
      const first = reload.first(import.meta.filename);
      await settle(failure);
      await first;
    }
  });

  it('is over, and the daemon ready, before a signal of the meantime is followed', async () => {
    const { said, reload, settle } = reloading();
    const first = reload.first(import.meta.filename);
    reload.quietly();
    await settle(answer(1));
    await first;
    expect(said).toEqual(['read', '/f: 1 to do']);
    reload.serving();
    await settle(answer(0));
    expect(said.slice(2)).toEqual(['reloading', 'read', '/f: nothing to change', 'ready']);
  });
});
