import { describe, expect, it } from 'vitest';
import { noPlan } from '../health/plan.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { closedApi } from '../ipvs/listener.ts';
import { initialSysctls } from '../ipvs/sysctl.ts';
import { applyConfiguration, type Refused } from './apply.ts';

const timeouts = { tcp: 900, tcpFin: 120, udp: 300 };
const running = {
  health: noPlan,
  services: [],
  vips: [],
  marks: [],
  sysctls: initialSysctls,
  timeouts,
  api: closedApi,
};
const wanted = { checks: [], timeouts: { tcp: 60 } };

/** A director that answers so, one after the other; the tags by which it was asked. */
function target(...answers: readonly (null | Refused | FairleadError)[]) {
  const tags: (string | undefined)[] = [];
  const look = () => Promise.resolve({ running, tag: `"${tags.length}"` });
  const work = async <T>(pieces: Generator<void, T>): Promise<T> => {
    for (;;) {
      const piece = pieces.next();
      if (piece.done) return await Promise.resolve(piece.value);
    }
  };
  const transact = (_: unknown, tag: string | undefined) => {
    const answer = answers[tags.push(tag) - 1] ?? null;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ refused: answer });
  };
  return { tags, look, work, transact };
}

const changed = new FairleadError('CONFIGURATION_CHANGED');

describe('a configuration is applied to what was looked at', () => {
  it('once, where nobody else changes anything', async () => {
    const director = target(null);
    expect(await applyConfiguration(director, wanted)).toMatchObject([{ kind: 'set-timeouts' }]);
    expect(director.tags).toEqual(['"0"']);
  });

  it('again, where somebody else has changed it meanwhile, and to whatever there is in the end', async () => {
    const director = target(changed, { index: 0, code: 'SERVICE_EXISTS' }, changed, changed);
    expect(await applyConfiguration(director, wanted)).toMatchObject([{ kind: 'set-timeouts' }]);
    expect(director.tags).toEqual(['"0"', '"1"', '"2"', '"3"', undefined]);
  });

  it('never, where it is refused for what it is', async () => {
    const director = target({ index: 0, code: 'SYSTEM_CALL', detail: 'x' });
    await expect(applyConfiguration(director, wanted)).rejects.toThrow(
      /x; at ~ timeout tcp .*; nothing was changed$/,
    );
    expect(director.tags.length).toBe(1);
  });

  it('never, where what comes of all of it is refused, which is no fault of the last step', async () => {
    const director = target({ code: 'SYSTEM_CALL', detail: 'no space' });
    await expect(applyConfiguration(director, wanted)).rejects.toThrow(/: no space; nothing was changed$/);
  });
});
