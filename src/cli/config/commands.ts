/** Steps as the commands that would make them, one by one; a comment where there is no such command. */

import type { Step } from '../../config/step.ts';
import { familyOf } from '../../ipvs/address.ts';
import { ruleWords } from '../../ipvs/mark-rule-words.ts';
import { type Vip, vipText } from '../../ipvs/vip.ts';
import { deletionLine, removalLine, serverLine, serviceLine } from '../../ipvsadm/command-line.ts';

export function commandLines(step: Step): readonly string[] {
  switch (step.kind) {
    case 'add-service':
      return [serviceLine('-A', step.service)];
    case 'edit-service':
      return [serviceLine('-E', step.after)];
    case 'remove-service':
      return [deletionLine(step.service)];
    case 'add-server':
      return [serverLine('-a', step.service, step.server)];
    case 'edit-server':
      return [serverLine('-e', step.service, step.after)];
    case 'remove-server':
      return [removalLine(step.service, step.server)];
    case 'add-vip':
      return vipLines(step.vip);
    case 'remove-vip':
      return [`ip address delete ${vipText(step.vip)} dev ${step.vip.interface}`];
    case 'set-api':
      return ['# what the API listens on is set by `fairlead apply` alone'];
    case 'set-timeouts': {
      const { tcp, tcpFin, udp } = step.after;
      return [`ipvsadm --set ${tcp} ${tcpFin} ${udp}`];
    }
    case 'set-sysctls':
      return [
        `fairlead sysctl -w ${Object.entries(step.after)
          .map(([name, value]) => `${name}=${value}`)
          .join(' ')}`,
      ];
    case 'set-health':
      return ['# health checks, names and maintenance files are set by `fairlead apply` alone'];
    case 'set-marks':
      return [
        'fairlead mark clear',
        ...step.after.map((rule) => `fairlead mark add ${ruleWords(rule).join(' ')}`),
      ];
  }
}

/** The address may be there already, as somebody else's. */
function vipLines(vip: Vip): readonly string[] {
  const way = familyOf(vip.address) === 6 ? ' nodad preferred_lft 0' : '';
  return [
    `ip address replace ${vipText(vip)} dev ${vip.interface}${way}`,
    `fairlead announce ${vip.address}`,
  ];
}
