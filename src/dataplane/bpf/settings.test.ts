import { expect, it } from 'vitest';
import { sctpStates } from '../../ipvs/connection.ts';
import { defaultSettings, timeoutsOf, withConnectionLimit, withTimeouts } from './settings.ts';

it('timeouts are set for three states and come back in seconds', () => {
  expect(timeoutsOf(defaultSettings)).toEqual({ tcp: 900, tcpFin: 120, udp: 300 });
  const changed = { tcp: 1, tcpFin: 2, udp: 3 };
  expect(timeoutsOf(withTimeouts(defaultSettings, changed))).toEqual(changed);
});

it("SCTP's timeouts are IPVS's", () => {
  const seconds = defaultSettings.sctpTimeoutMs.map((milliseconds) => milliseconds / 1000);
  expect(Object.fromEntries(sctpStates.map((state, index) => [state, seconds[index]]))).toMatchObject({
    NONE: 2,
    INIT1: 4,
    ESTABLISHED: 900,
    'S-SENT': 61,
    REJECTED: 4,
    CLOSED: 61,
  });
});

it('half-open connections may take half of the table', () => {
  expect(withConnectionLimit(defaultSettings, 1001)).toMatchObject({
    connectionLimit: 1001,
    halfOpenLimit: 500,
  });
});
