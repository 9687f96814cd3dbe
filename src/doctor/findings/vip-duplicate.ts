/** Duplicate address detection has found another host with a virtual IPv6 address, or is still waiting. */

import type { Address } from '../../ipvs/address.ts';
import type { Case, Disorder, Role } from '../finding.ts';
import type { HostView } from '../view.ts';
import { virtualAddresses } from './common.ts';

export const vipDuplicate: Disorder = {
  code: 'vip-duplicate',
  title: 'A virtual IPv6 address is not in use, since another host has it as well',
  breaks: 'The kernel answers no neighbour discovery for it, and takes no packet.',
  onDirector: (view) => casesOf(view.host, virtualAddresses(view), 'director'),
  onRealServer: (view) => casesOf(view.host, view.vips, 'real server'),
};

function casesOf(host: HostView, vips: readonly Address[], role: Role): readonly Case[] {
  return host.interfaces.flatMap(({ name, addresses }) =>
    addresses
      .filter(
        ({ address, isDuplicate, isTentative }) => vips.includes(address) && (isDuplicate || isTentative),
      )
      .map(({ address, prefix, isDuplicate }) => {
        const device = role === 'director' ? name : 'lo';
        return {
          problem: isDuplicate
            ? `${address} on ${name} is a duplicate: another host had it when it was put there`
            : `${address} on ${name} is tentative: duplicate address detection has not ended`,
          evidence: [
            `ip -6 addr show dev ${name}: ${address}/${prefix} ${isDuplicate ? 'dadfailed' : 'tentative'}`,
          ],
          host: { role, interface: name },
          vip: address,
          cure: {
            on: role,
            commands: [
              `ip -6 addr del ${address}/${prefix} dev ${name}`,
              `ip -6 addr add ${address}/128 dev ${device} nodad preferred_lft 0`,
            ],
          },
        };
      }),
  );
}
