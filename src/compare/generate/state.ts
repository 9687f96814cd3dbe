/** What a scenario in the making has set up so far, so that most of what follows makes sense. Pure. */

import type { Feature } from '../features.ts';
import type { Host, Slot } from '../network.ts';
import type { Random } from '../random.ts';
import { type Endpoint, endText, isIpv6, type Step, type TransportName } from '../scenario.ts';

export type Method = '-g' | '-i' | '-m';

export type Server = { readonly host: Host; readonly end: Endpoint; readonly method: Method };

/** What a client may send to. */
export type Target = { readonly transport: TransportName; readonly end: Endpoint };

export type Service = {
  /** How commands name it: `-t 10.0.0.100:80`, `-f 17 -6`. */
  readonly words: readonly string[];
  readonly ipv6: boolean;
  /** The port of its real servers, unless they say otherwise; 0: the one that a packet was sent to. */
  readonly port: number;
  /** Where the packets go that it directs; a service by mark gets more of them with each rule. */
  readonly targets: Target[];
  readonly onePacket: boolean;
  readonly persistent: boolean;
  /** Its persistence goes by the Call-ID. */
  readonly sip: boolean;
  readonly servers: Server[];
};

export type Flow = {
  readonly service: Service;
  readonly transport: TransportName;
  readonly client: Endpoint;
  readonly to: Endpoint;
  readonly callId?: string;
  sent: number;
  /** A FIN or RST has been sent. */
  closed: boolean;
};

export type Making = {
  readonly slot: Slot;
  readonly random: Random;
  readonly features: readonly Feature[];
  readonly services: Service[];
  readonly flows: Flow[];
  readonly steps: Step[];
};

/** Ports that virtual services have. */
export const ports = [80, 443, 8080, 53] as const;

const serviceOptions = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;

/** `-t 10.0.0.100:80` as words. */
export function serviceWords({ transport, end }: Target): readonly string[] {
  return [serviceOptions[transport], endText(end)];
}

export function ipvsadm(making: Making, ...words: readonly string[]): void {
  making.steps.push({ kind: 'ipvsadm', words });
}

export function pickService({ random, services }: Making): Service | undefined {
  return services.length === 0 ? undefined : random.pick(services);
}

export function pickTransport({ random, features }: Making): TransportName {
  if (features.includes('sctp') && random.chance(0.25)) return 'sctp';
  return random.chance(0.7) ? 'tcp' : 'udp';
}

export function pickVip({ random, features, slot }: Making): string {
  return random.pick(features.includes('ipv6') && random.chance(0.4) ? slot.ipv6 : slot.ipv4);
}

/** A virtual address of the family. */
export function pickVipOf({ random, slot }: Making, ipv6: boolean): string {
  return random.pick(ipv6 ? slot.ipv6 : slot.ipv4);
}

/** Adds a service to those there are, unless there is one by the same name. */
export function remember({ services }: Making, service: Service): void {
  if (!find(services, service.words)) services.push(service);
}

export function find(services: readonly Service[], words: readonly string[]): Service | undefined {
  const name = words.join(' ');
  return services.find((service) => service.words.join(' ') === name);
}

export function isOfIpv6({ end }: Target): boolean {
  return isIpv6(end.address);
}
