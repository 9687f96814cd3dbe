/** SCTP: associations to both real servers by turns, and their states. */

import type { Scenario, Stage, Step } from '../scenario.ts';
import { dual } from '../topologies.ts';
import {
  addService,
  byTurns,
  client,
  director,
  directorHoldsVips,
  endpoints,
  eventually,
  programs,
  realServers,
  serversWithVips,
  vip4,
  vip6,
} from './common.ts';
import { linesOf } from './walkthrough/setting.ts';

const port = 3868; // Diameter, which is what SCTP is balanced for more often than for anything else

const families = [
  { name: 'IPv4', address: vip4, virtual: `${vip4}:${port}`, family: 4, firstPort: 20_001 },
  { name: 'IPv6', address: vip6, virtual: `[${vip6}]:${port}`, family: 6, firstPort: 21_001 },
] as const;
type FamilyOfLab = (typeof families)[number];

const servers: Step = {
  row: '3',
  title: 'Real servers that answer SCTP, without SCTP in the kernel',
  why: 'Not every kernel has it. Two small programs speak it on raw IP sockets, so that the packets are real ones.',
  async play(stage) {
    for (const server of realServers) {
      for (const { name, address } of families) {
        const log = `sctp-${name}.log`;
        await stage.beside(server, `python3 ${programs}/sctp-answer.py ${address} ${port} ${server}`, log);
        await eventually(stage, async () =>
          (await stage.quietly(server, `cat ${log}`)).stdout.includes('listening'),
        );
      }
    }
  },
};

const services: Step = {
  row: '4',
  title: 'A service for it, in both families',
  why: 'An INIT chunk opens a connection; what comes before one is not directed.',
  async play(stage) {
    for (const family of families) {
      const { name, virtual, address, firstPort } = family;
      await addService(stage, `--sctp-service ${virtual} -s rr`, endpoints('dual', family.family, port));
      byTurns(stage, `${name}, INIT`, await associate(stage, address, firstPort, 'INIT'));
      await hasStates(stage, family, firstPort, 'INIT1'); // for 3 seconds
    }
    for (const server of realServers) {
      const { stdout } = await stage.type(server, 'cat sctp-IPv4.log sctp-IPv6.log');
      const inits = stdout.split('\n').filter((line) => line.startsWith('INIT from')).length;
      stage.check(`${server} got two INIT chunks in each family`, inits === 4, () => stdout);
    }
  },
};

const states: Step = {
  row: '5',
  title: 'The states that an association goes through',
  why: "Answers pass the director by, so that it tells the states from the client's chunks alone.",
  async play(stage) {
    for (const family of families) {
      for (const [last, state, offset] of [
        ['COOKIE-ECHO', 'ESTABLISHED', 100],
        ['SHUTDOWN-COMPLETE', 'CLOSED', 200],
      ] as const) {
        const firstPort = family.firstPort + offset;
        byTurns(
          stage,
          `${family.name}, as far as ${last}`,
          await associate(stage, family.address, firstPort, last),
        );
        await hasStates(stage, family, firstPort, state);
      }
    }
    await stage.type(director, 'ipvsadm -ln');
  },
};

/** Four associations, from ports of their own. */
async function associate(
  stage: Stage,
  address: string,
  firstPort: number,
  last: 'INIT' | 'COOKIE-ECHO' | 'SHUTDOWN-COMPLETE',
): Promise<readonly string[]> {
  const line = `python3 ${programs}/sctp-ask.py ${address} ${port} ${firstPort} 4 ${last}`;
  return linesOf((await stage.type(client, line)).stdout);
}

async function hasStates(
  stage: Stage,
  { name, virtual }: FamilyOfLab,
  firstPort: number,
  state: string,
): Promise<void> {
  const { stdout } = await stage.type(director, 'ipvsadm -lcn');
  const found = stdout.split('\n').filter((line) => {
    const from = Number(/:(\d+) +\S+:3868 /.exec(line)?.[1]);
    return line.includes(` ${virtual} `) && from >= firstPort && from < firstPort + 4;
  });
  stage.check(
    `${name}: four connections are in state ${state}`,
    found.length === 4 && found.every((line) => line.includes(` ${state} `)),
    () => stdout,
  );
}

export const sctp: Scenario = {
  name: 'sctp',
  about: 'SCTP: associations by turns, in both families, and their states',
  topology: dual,
  tools: ['python3', 'busybox'],
  steps: [directorHoldsVips, serversWithVips('2'), servers, services, states],
};
