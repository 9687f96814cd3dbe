/** What the doctor could not tell, said so. Pure. */

import { destinationKeyText, serviceKeyText } from '../ipvs/service.ts';
import type { Remark } from './finding.ts';
import { verdictOf } from './verdict.ts';
import type { DirectorView, ServerProbe } from './view.ts';

export function remarksOf({ probes }: DirectorView): readonly Remark[] {
  const rotating = probes.filter(({ destination }) => destination.weight > 0);
  return rotating.flatMap((probe) => {
    const why = reasonOf(probe);
    const what = `${serviceKeyText(probe.service)} on ${destinationKeyText(probe.destination)}`;
    return why === undefined ? [] : [{ what, why }];
  });
}

function reasonOf({ entrance, reach }: ServerProbe): string | undefined {
  if (reach.kind === 'unknown') return reach.why;
  if (reach.kind !== 'asked' || reach.sendsOn) return undefined;
  if (verdictOf(reach.target, reach.answers) !== 'unclear') return undefined;
  if (entrance?.protocol === 'udp') return 'it did not answer an empty datagram, and did not refuse it';
  return 'the host is there; its service was not asked';
}
