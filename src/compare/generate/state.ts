/** What a scenario in the making has set up so far, so that most of what follows makes sense. Pure. */

import type { Feature } from '../features.ts';
import type { Host, Slot } from '../network.ts';
import type { Random } from '../random.ts';
import { type Endpoint, endText, type Step } from '../scenario.ts';

export type Transport = 'tcp' | 'udp' | 'sctp';
export type Method = '-g' | '-i' | '-m';

export type Server = { readonly host: Host; readonly end: Endpoint; readonly method: Method };

export type Service = {
  readonly transport: Transport;
  readonly end: Endpoint;
  readonly onePacket: boolean;
  readonly persistent: boolean;
  readonly servers: Server[];
};

export type Flow = {
  readonly service: Service;
  readonly client: Endpoint;
  readonly to: Endpoint;
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

const serviceOptions = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;

/** `-t 10.0.0.100:80` as words. */
export function serviceWords({ transport, end }: Pick<Service, 'transport' | 'end'>): readonly string[] {
  return [serviceOptions[transport], endText(end)];
}

export function ipvsadm(making: Making, ...words: readonly string[]): void {
  making.steps.push({ kind: 'ipvsadm', words });
}
