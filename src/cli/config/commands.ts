/** Steps as the commands that would make them, one by one. */

import type { Step } from '../../config/step.ts';
import { ruleWords } from '../../ipvs/mark-rule-words.ts';
import { vipText } from '../../ipvs/vip.ts';
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
      return [`ip address add ${vipText(step.vip)} dev ${step.vip.interface}`];
    case 'remove-vip':
      return [`ip address delete ${vipText(step.vip)} dev ${step.vip.interface}`];
    case 'set-api':
      return ['# what the API listens on is set by fairlead apply alone'];
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
      return []; // ipvsadm knows of no checks
    case 'set-marks':
      return [
        'fairlead mark clear',
        ...step.after.map((rule) => `fairlead mark add ${ruleWords(rule).join(' ')}`),
      ];
  }
}
