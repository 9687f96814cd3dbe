/** The healthy set-ups that faults are tried in. In each of them the doctor must find nothing. */

import type { Stage, Step } from '../scenario.ts';
import {
  accepted,
  addService,
  director,
  directorHoldsVips,
  endpoints,
  realServers,
  serversWithVips,
  vip4,
  vip6,
  webServer,
} from '../scenarios/common.ts';
import { dual, multihomed, pair, routed } from '../topologies.ts';
import type { Setting } from './fault.ts';
import { servedByAll } from './traffic.ts';

const inBothFamilies = async (stage: Stage) => {
  await servedByAll(stage);
  await servedByAll(stage, { url: `http://[${vip6}]/`, count: 2 });
};

/** A virtual service on port 80, in both families, with both real servers of a topology. */
function service(topology: 'dual' | 'routed', method: string, port = 80): Step {
  return {
    row: '3',
    title: 'A service for each family, with both real servers',
    why: 'This is what works; what follows breaks it.',
    async play(stage) {
      await addService(stage, `-t ${vip4}:80 -s rr`, endpoints(topology, 4, port), method);
      await addService(stage, `-t [${vip6}]:80 -s rr`, endpoints(topology, 6, port), method);
      await inBothFamilies(stage);
    },
  };
}

export const oneArmed: Setting = {
  name: 'one-armed',
  about: 'direct routing on one segment, in both families',
  topology: dual,
  doctors: [director, ...realServers, 'client'],
  steps: [directorHoldsVips, serversWithVips('2'), service('dual', '-g')],
  works: inBothFamilies,
};

export const twoArmed: Setting = {
  name: 'two-armed',
  about: 'direct routing with clients on one side of the director and real servers on the other',
  topology: routed,
  doctors: [director, ...realServers, 'client'],
  steps: [directorHoldsVips, serversWithVips('2'), service('routed', '-g')],
  works: inBothFamilies,
};

const masqueraded: Step = {
  row: '2',
  title: 'Real servers on port 8080, with the director as their gateway',
  why: 'They know nothing of the virtual addresses; answers pass the director, which puts them back.',
  async play(stage) {
    for (const server of realServers) {
      await accepted(stage, server, 'ip route replace default via 198.51.100.1');
      await accepted(stage, server, 'ip -6 route replace default via 2001:db8:2::1');
      await webServer(stage, server, 8080);
    }
  },
};

const masquerading: Setting = {
  name: 'masquerading',
  about: 'address translation, with the director as the gateway of its real servers',
  topology: routed,
  doctors: [director, 'client'],
  steps: [directorHoldsVips, masqueraded, service('routed', '-m', 8080)],
  works: inBothFamilies,
};

const decapsulators: Step = {
  row: '3',
  title: 'Real servers take packets out of their tunnels',
  why: 'By a program of their own, which needs no tunnel device.',
  async play(stage) {
    for (const server of realServers)
      await accepted(stage, server, `fairlead realserver decapsulate start ${vip4} ${vip6}`);
  },
};

const tunnelling: Setting = {
  name: 'tunnelling',
  about: 'IP in IP to real servers behind the director',
  topology: routed,
  doctors: [director, ...realServers, 'client'],
  steps: [directorHoldsVips, serversWithVips('2'), decapsulators, service('routed', '-i')],
  works: inBothFamilies,
};

export const localNode: Setting = {
  name: 'local-node',
  about: 'the director is one of the real servers',
  topology: dual,
  doctors: [director, 'rs1', 'client'],
  steps: [
    directorHoldsVips,
    serversWithVips('2'),
    {
      row: '3',
      title: 'The director serves as well',
      why: 'What the scheduler gives to an address of this host goes up its own stack.',
      async play(stage) {
        await webServer(stage, director, 80);
        await addService(stage, `-t ${vip4}:80 -s rr`, ['192.0.2.11:80', '192.0.2.1:80']);
      },
    },
  ],
  works: (stage) => servedByAll(stage, {}, ['rs1', director]),
};

export const standby = 'standby';

export const twoDirectors: Setting = {
  name: 'two-directors',
  about: 'a director that holds the virtual address, and one that is ready to take it over',
  topology: pair,
  doctors: [director, standby, ...realServers, 'client'],
  steps: [
    directorHoldsVips,
    serversWithVips('2'),
    {
      row: '3',
      title: 'The same service on both directors',
      why: 'Only the one that holds the virtual address gets packets for it.',
      async play(stage) {
        for (const host of [director, standby])
          await addService(stage, `-t ${vip4}:80 -s rr`, endpoints('dual', 4, 80), '-g', host);
      },
    },
  ],
  works: (stage) => servedByAll(stage),
};

export const severalInterfaces: Setting = {
  name: 'several-interfaces',
  about: 'real servers with an interface for requests and one for answers',
  topology: multihomed,
  doctors: [director, ...realServers, 'client'],
  steps: [
    directorHoldsVips,
    serversWithVips('2'),
    {
      row: '3',
      title: 'A service with both real servers',
      why: 'Requests reach them from the director; answers leave by the interface on the side of the clients.',
      play: (stage) => addService(stage, `-t ${vip4}:80 -s rr`, endpoints('routed', 4, 80)),
    },
  ],
  works: (stage) => servedByAll(stage),
};

export const settings: readonly Setting[] = [
  ...[oneArmed, twoArmed, masquerading, tunnelling, localNode, twoDirectors, severalInterfaces],
];
