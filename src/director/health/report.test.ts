import { describe, expect, it } from 'vitest';
import { isLazy, json } from '../../api/answer-pieces.ts';
import { web, withWeb } from './health.fixture.ts';

const weights = Array.from({ length: 30 }, () => 1);
const addresses = weights.map((_, index) => `10.0.0.${index + 11}`);

describe('a summary of the health', () => {
  it('counts who serves, and has some of those that do not, with why', () => {
    const daemon = withWeb({ name: 'shop' });
    daemon.answer('10.0.0.12', false, 3);
    expect(daemon.health.summary()).toMatchObject({
      ...{ servers: 2, serving: 1, withoutQuorum: 0, quorumless: [], blind: 0, jobs: 2 },
      out: [
        {
          ...{ service: web, name: 'shop' },
          server: { server: '10.0.0.12:80', state: 'down', reason: 'web: refused: nobody' },
        },
      ],
    });
  });

  it('stays short where many are out, and counts them', () => {
    const daemon = withWeb({}, weights);
    daemon.answerTogether(Object.fromEntries(addresses.map((address) => [address, false])));
    const { servers, serving, out, withoutQuorum, quorumless } = daemon.health.summary();
    expect([servers, serving, out.length, withoutQuorum]).toEqual([30, 0, 20, 1]);
    expect(quorumless).toMatchObject([{ service: web, weight: 0, hasQuorum: false }]);
  });

  it('counts checks that say nothing, as the whole has them', () => {
    const daemon = withWeb();
    const [job] = daemon.jobs();
    daemon.health.take(job?.id ?? '', { ok: false, reason: 'local', detail: 'no descriptors' });
    const problem = 'this host cannot ask: no descriptors';
    expect(daemon.services()[0]?.servers[0]?.checks[0]?.problem).toBe(problem);
    expect(daemon.health.summary()).toMatchObject({
      ...{ blind: 1, blindOne: { service: web, server: '10.0.0.11:80', problem } },
    });
  });
});

it('the whole is written piece by piece, a real server at a time', () => {
  const daemon = withWeb({}, weights);
  const status = daemon.health.status();
  expect(isLazy(status)).toBe(true);
  const longest = Math.max(...[...json(status)].map((piece) => piece.split('"server"').length - 1));
  expect(longest).toBe(1);
});
