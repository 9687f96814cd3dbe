/** Real servers' settings between the domain's words and the maps' struct. Pure. */

import type {
  DestinationSettings,
  ForwardingMethod,
  Tunnel,
  TunnelChecksum,
  TunnelType,
} from '../../../ipvs/service.ts';
import { FlMethod, FlTunnel, FlTunnelFlag, type flDestinationConfig } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import { keyOf } from './key-of.ts';

const methodNumbers: Readonly<Record<ForwardingMethod | 'local', number>> = {
  masq: FlMethod.FL_METHOD_MASQ,
  local: FlMethod.FL_METHOD_LOCAL,
  ipip: FlMethod.FL_METHOD_TUNNEL,
  gate: FlMethod.FL_METHOD_GATE,
};

const tunnelNumbers: Readonly<Record<TunnelType, number>> = {
  ipip: FlTunnel.FL_TUNNEL_IPIP,
  gue: FlTunnel.FL_TUNNEL_GUE,
  gre: FlTunnel.FL_TUNNEL_GRE,
};

const checksumBits: Readonly<Record<TunnelChecksum, number>> = {
  nocsum: 0,
  csum: FlTunnelFlag.FL_TUNNEL_CSUM,
  remcsum: FlTunnelFlag.FL_TUNNEL_REMCSUM,
};

export function encodeDestinationSettings(
  settings: DestinationSettings,
): Decoded<typeof flDestinationConfig> {
  const { method, weight, upperThreshold, lowerThreshold, tunnel } = settings;
  return {
    method: methodNumbers[method],
    tunnel: tunnel ? tunnelNumbers[tunnel.type] : 0,
    tunnelFlags: tunnel ? checksumBits[tunnel.checksum] : 0,
    pad: 0,
    tunnelPort: tunnel?.port ?? 0,
    pad2: 0,
    upper: upperThreshold,
    lower: lowerThreshold,
    weight,
  };
}

export function decodeDestinationSettings(config: Decoded<typeof flDestinationConfig>): DestinationSettings {
  const method = methodOf(config.method);
  if (method === 'local') throw new Error('a real server whose method is local in a BPF map');
  const tunnel: Tunnel = {
    type: keyOf(tunnelNumbers, config.tunnel, 'tunnel'),
    port: config.tunnelPort,
    checksum: keyOf(checksumBits, config.tunnelFlags, 'checksum'),
  };
  return {
    method,
    weight: config.weight,
    upperThreshold: config.upper,
    lowerThreshold: config.lower,
    ...(method === 'ipip' ? { tunnel } : {}),
  };
}

export function methodOf(number: number): ForwardingMethod | 'local' {
  return keyOf(methodNumbers, number, 'method');
}
