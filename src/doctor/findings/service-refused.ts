/** A real server holds the virtual address, and nothing listens there. */

import { endpointText, isLoopback } from '../../ipvs/address.ts';
import type { Case, Cure, Disorder } from '../finding.ts';
import { isKeptOut } from '../kept-out.ts';
import type { ExpectedService, RealServerView, ServerProbe } from '../view.ts';
import {
  type Asked,
  asked,
  type Local,
  localTo,
  probeEvidence,
  realServer,
  serviceText,
  verdictIs,
} from './common.ts';
import { isIpv6, redirectTo } from './cures.ts';
import { destinationWords } from './ipvsadm.ts';

export const serviceRefused: Disorder = {
  code: 'service-refused',
  title: 'Nothing listens on a real server',
  breaks: 'Every client that is given to it is refused.',
  onDirector: (view) => [
    ...asked(view).filter(verdictIs('refused')).map(caseOf),
    ...localTo(view, 'closed').map(localCase),
  ],
  onRealServer: (view) => view.services.filter((service) => !isServed(view, service)).map(ownCaseOf(view)),
};

function caseOf(probe: Asked): Case {
  const { target, answers } = probe.reach;
  const { vip, rip, virtualPort, realPort, protocol, isTranslated } = target;
  const asked = isTranslated ? endpointText(rip, realPort) : endpointText(vip, virtualPort);
  const own = endpointText(rip, realPort);
  const onlyOwn = !isTranslated && answers.own === 'open';
  const any = isIpv6(vip) ? '[::]' : '0.0.0.0';
  return {
    problem: onlyOwn
      ? `the service on ${rip} listens on ${own} only, and refuses ${asked}`
      : `nothing listens on ${asked} on real server ${rip}`,
    evidence: probeEvidence(probe),
    host: realServer(probe),
    vip,
    services: [serviceText(probe)],
    cure: onlyOwn
      ? {
          on: 'real server',
          host: rip,
          commands: [redirectTo(vip, protocol, virtualPort, own)],
          note: `better: have it listen on ${any}:${realPort}, or on ${asked} as well`,
        }
      : startIt(`on ${rip}`, probe),
  };
}

function startIt(where: string, probe: ServerProbe): Cure {
  if (isKeptOut(probe)) return { on: 'director', commands: [], note: `start the service ${where}` };
  const { service, destination } = probe;
  const outOfRotation = `ipvsadm -e ${destinationWords(service, { ...destination, weight: 0 })}`;
  const note = `start the service ${where}, or take it out of rotation: ${outOfRotation}`;
  return { on: 'director', commands: [], note };
}

function localCase(probe: Local): Case {
  const { entrance, destination } = probe;
  const { address: vip, port, protocol } = entrance;
  const asked = endpointText(vip, port);
  const own = endpointText(destination.address, port);
  const chains = ['PREROUTING', 'OUTPUT'] as const;
  return {
    problem: `nothing listens on ${asked} on this director, which is its own real server`,
    evidence: [`connect to ${asked}: refused`],
    host: { role: 'director' },
    vip,
    services: [serviceText(probe)],
    cure: isLoopback(destination.address)
      ? startIt('here', probe)
      : {
          on: 'director',
          commands: chains.map((chain) => redirectTo(vip, protocol, port, own, chain)),
          note: `where it listens on ${own}; better: have it listen on ${asked} as well`,
        },
  };
}

function isServed({ listeners }: RealServerView, { protocol, vip, port }: ExpectedService): boolean {
  return listeners.some(
    (one) =>
      one.protocol === protocol &&
      one.port === port &&
      (one.address === vip || (one.address === undefined && (one.isIpv6 || !isIpv6(vip)))),
  );
}

function ownCaseOf({ listeners }: RealServerView): (service: ExpectedService) => Case {
  return ({ protocol, vip, port }) => {
    const others = listeners.filter((one) => one.protocol === protocol && one.port === port);
    const other = others.find(({ address }) => address !== undefined && isIpv6(address) === isIpv6(vip));
    const asked = endpointText(vip, port);
    return {
      problem: `nothing listens on ${protocol} ${asked} here`,
      evidence: others.map(({ address }) => `it listens on ${address === undefined ? '*' : address}:${port}`),
      host: { role: 'real server' },
      vip,
      services: [`${protocol}:${asked}`],
      cure:
        other?.address === undefined
          ? { on: 'real server', commands: [], note: 'start the service' }
          : {
              on: 'real server',
              commands: [redirectTo(vip, protocol, port, endpointText(other.address, port))],
              note: `better: have it listen on ${asked} as well`,
            },
    };
  };
}
