/** What is told of real servers that their health checks keep out. */

import { describe, expect, it } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import { judge } from '../findings.ts';
import type { Answers } from '../probes/server.ts';
import { asked, destination, director, rips, service, vip } from '../view.fixture.ts';
import type { KeptOut, Reach, ServerProbe } from '../view.ts';

const [rs1, rs2] = rips;
const reason = 'web: timeout: still waiting for the connection';

/** The first real server is in the table alone, and the second as it was found. */
function withOneOut(second: Partial<ServerProbe>) {
  const listed = { ...service, destinations: [destination(rs1)] };
  const out: KeptOut = { service: listed, destination: destination(rs2), reason };
  const probes = [asked(rs1), asked(rs2)].map((probe) => ({ ...probe, service: listed }));
  return director(
    { probes: [...probes.slice(0, 1), ...probes.slice(1).map((probe) => ({ ...probe, ...second }))] },
    { services: [listed], keptOut: [out] },
  );
}

const answering = (answers: Partial<Answers>): Partial<ServerProbe> => ({
  keptOut: reason,
  reach: asked(rs2, answers).reach,
});

const checksSay = `fairlead health: tcp:${vip}:80, ${rs2}:80: down: ${reason}`;
const harmless = 'Its health checks keep it out: it gets no connections.';

describe('a real server that is kept out', () => {
  it.each([
    ['vip-missing', answering({ virtual: 'silent', virtualPing: false, askedAs: undefined })],
    ['service-refused', answering({ virtual: 'closed', own: 'closed' })],
    [
      'real-server-dead',
      { keptOut: reason, reach: { kind: 'dead', interface: 'eth0', gateway: undefined } satisfies Reach },
    ],
    ['checks-fail', answering({})],
  ] as const)('%s: is found as any other, does other harm, and its checks are evidence', (code, second) => {
    const findings = judge(withOneOut(second));
    expect(findings.map((one) => [one.code, one.host.address])).toEqual([[code, rs2]]);
    expect(findings[0]?.evidence).toContain(checksSay);
    if (code !== 'checks-fail') expect(findings[0]?.breaks).toBe(harmless);
  });

  it('is not to be taken out of rotation by hand as well', () => {
    const dead = { kind: 'dead', interface: 'eth0', gateway: undefined } satisfies Reach;
    const [out] = judge(withOneOut({ keptOut: reason, reach: dead }));
    expect(out?.cure).toEqual({
      on: 'director',
      commands: [],
      note: `its health checks keep it out of rotation until ${rs2} is up again`,
    });
    const [listed] = judge(withOneOut({ reach: dead }));
    expect(listed?.cure.commands).toEqual([`ipvsadm -e -t ${vip}:80 -r ${rs2}:80 -g -w 0`]);
  });

  it('is to have its service started, and that is all', () => {
    const closed = { reach: asked(rs2, { virtual: 'closed', own: 'closed' }).reach };
    expect(judge(withOneOut({ keptOut: reason, ...closed }))[0]?.cure).toEqual({
      ...{ on: 'director', commands: [], note: `start the service on ${rs2}` },
    });
    const [listed] = judge(withOneOut(closed));
    expect(listed?.cure.note).toBe(
      `start the service on ${rs2}, or take it out of rotation: ipvsadm -e -t ${vip}:80 -r ${rs2}:80 -g -w 0`,
    );
  });

  it('that says nothing to a datagram without words is not said to answer', () => {
    const { reach } = asked(rs2, { virtual: 'silent', own: 'silent' });
    if (reach.kind !== 'asked') throw new Error(reach.kind);
    const silent = { ...reach, target: { ...reach.target, protocol: 'udp' } } as const;
    const [finding] = judge(withOneOut({ keptOut: reason, reach: silent }));
    expect(finding?.code).toBe('checks-fail');
    expect(finding?.cure.note).toBe(
      'the doctor asks less than they do and cannot tell what is wrong: go by what they were told',
    );
  });

  it('of one service only does the usual harm in the others', () => {
    const other = { ...service, port: 443 } as typeof service;
    const probe = asked(rs2, { virtual: 'closed', own: 'closed' });
    const view = director(
      {
        probes: [
          { ...probe, keptOut: reason },
          { ...probe, service: other },
        ],
      },
      { services: [service, other], keptOut: [] },
    );
    const [finding] = judge(view).filter(({ code }) => code === 'service-refused');
    expect(finding?.services).toEqual([`tcp:${vip}:80`, `tcp:${vip}:443`]);
    expect(finding?.breaks).toBe('Every client that is given to it is refused.');
  });

  it('is counted where a service has nobody else, and nothing is to be added there', () => {
    const nobody = { ...service, destinations: [] };
    const out = rips.map((rip) => ({ service: nobody, destination: destination(rip), reason }));
    const [finding] = judge(director({ probes: [] }, { services: [nobody], keptOut: out })).filter(
      ({ code }) => code === 'no-real-server',
    );
    expect(finding?.problem).toBe(`tcp:${vip}:80 has no real server: health checks keep 2 of them out`);
    expect(finding?.cure.commands).toEqual([]);
  });
});

it('who is in rotation is found as ever, whatever becomes of others', () => {
  const view = withOneOut(answering({}));
  const probes = view.probes.map((probe) =>
    probe.destination.address === (rs1 as Address)
      ? { ...asked(rs1, { virtual: 'closed', own: 'closed' }), service: probe.service }
      : probe,
  );
  const refused = judge({ ...view, probes }).find(({ code }) => code === 'service-refused');
  expect(refused?.breaks).toBe('Every client that is given to it is refused.');
});
