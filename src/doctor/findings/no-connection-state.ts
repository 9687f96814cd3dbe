/** A director that gets packets of connections which it never saw begin: those of another one, before a failover. */

import { parseEndpoint } from '../../ipvs/address.ts';
import { serviceKeyText } from '../../ipvs/service.ts';
import type { Disorder } from '../finding.ts';
import { holders } from './common.ts';
import { serviceWords, settingsWords } from './ipvsadm.ts';

const fewest = 3;
/** Stray segments are normal, in small numbers; after a failover they are the bulk. */
const share = 0.05;
/** Schedulers with which two directors choose alike without having spoken. */
const alike: ReadonlySet<string> = new Set(['mh', 'sh']);

export const noConnectionState: Disorder = {
  code: 'no-connection-state',
  title: 'Connections are unknown to the director that got them',
  breaks: 'Connections that were open before the failover are reset.',
  onDirector(view) {
    const { sysctls, notForwarded, services } = view.state;
    const { packets, example } = notForwarded['no_connection'] ?? { packets: 0 };
    if (sysctls.sloppy_tcp === 1 || packets < fewest || !example) return [];
    const virtual = parseEndpoint(example.virtual)?.address;
    const service = services.find(
      (one) => one.kind === 'address' && one.protocol === 'tcp' && one.address === virtual,
    );
    if (service?.kind !== 'address' || holders(view, service.address).length === 0) return [];
    if (packets < share * service.counters.connections) return [];
    const hashes = alike.has(service.scheduler);
    return [
      {
        problem: `this director does not know connections to ${service.address} that clients believe to be open`,
        evidence: [
          `${packets} segments without an entry went up the stack, which resets them; the last was ${example.client} > ${example.virtual}`,
          `connections that began here: ${service.counters.connections}`,
          `scheduler ${service.scheduler}, sloppy_tcp = 0`,
        ],
        host: { role: 'director' },
        vip: service.address,
        services: [serviceKeyText(service)],
        cure: {
          on: 'director',
          commands: [
            ...(hashes
              ? []
              : [`ipvsadm -E ${serviceWords(service)} ${settingsWords({ ...service, scheduler: 'mh' })}`]),
            'fairlead sysctl -w sloppy_tcp=1',
          ],
          note: 'and the same on the other director: both choose by a hash of the client then, and the next failover ends no connection; where there is one director alone, connections that it has reset itself are seen like this, a segment of each',
        },
      },
    ];
  },
};
