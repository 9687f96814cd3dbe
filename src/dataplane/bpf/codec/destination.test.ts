import { describe, expect, it } from 'vitest';
import { type DestinationSettings, tunnelChecksums, tunnelTypes } from '../../../ipvs/service.ts';
import { decodeDestinationSettings, encodeDestinationSettings, methodOf } from './destination.ts';

const gate: DestinationSettings = { method: 'gate', weight: 3, upperThreshold: 0, lowerThreshold: 0 };
const tunnels = tunnelTypes.flatMap((type) =>
  tunnelChecksums.map((checksum) => ({ type, checksum, port: type === 'gue' ? 6080 : 0 })),
);

describe("a real server's settings", () => {
  it.each([
    gate,
    { ...gate, method: 'masq', weight: 0x7fffffff, upperThreshold: 0x7fffffff, lowerThreshold: 1 } as const,
    ...tunnels.map((tunnel) => ({ ...gate, method: 'ipip', tunnel }) as const),
  ])('are what they were after the way through the map: %j', (settings) => {
    expect(decodeDestinationSettings(encodeDestinationSettings(settings))).toEqual(settings);
  });

  it('never say that it is this host: only its connections do', () => {
    const local = { ...encodeDestinationSettings(gate), method: 1 };
    expect(() => decodeDestinationSettings(local)).toThrow('local');
    expect(methodOf(1)).toBe('local');
  });
});
