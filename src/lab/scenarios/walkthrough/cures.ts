/** Rows 7a and 7b: two ways to keep real servers from answering for the virtual address. */

import type { Stage, Step } from '../../scenario.ts';
import { untilRealServerWins } from './arp-problem.ts';
import { director, ipOf, linesOf, realServers, vip } from './setting.ts';

const [firstServer, nextServer] = realServers;
const rulesFile = 'arptables.rules';

export const arptablesCure: Step = {
  row: '7a',
  title: 'Cure one: arptables on each real server',
  why: `Answer no question for ${vip}, and never ask in its name: a question also teaches who hears it.`,
  async play(stage) {
    const address = ipOf(firstServer);
    await stage.type(firstServer, `arptables -A INPUT -d ${vip} -j DROP`);
    await stage.type(firstServer, `arptables -A OUTPUT -s ${vip} -j mangle --mangle-ip-s ${address}`);
    await checkRules(stage, firstServer, 'both rules are listed', 2);

    stage.say('The rules live in the kernel only: they are saved, and a service restores them at its start.');
    await writeService(stage, firstServer);
    await stage.type(firstServer, `arptables-save > ${rulesFile}`);
    await stage.type(firstServer, 'arptables -F');
    await checkRules(stage, firstServer, 'after a flush they are lost', 0);
    await stage.type(firstServer, './arptables-service restart');
    await checkRules(stage, firstServer, 'after a restart of the service they are back', 2);

    stage.say(`Carried to ${nextServer}: the same file, with its own address in place of ${firstServer}'s.`);
    await writeService(stage, nextServer);
    const replace = `s/${address.replaceAll('.', '\\.')}$/${ipOf(nextServer)}/`;
    await stage.type(nextServer, `sed '${replace}' ../${firstServer}/${rulesFile} > ${rulesFile}`);
    await stage.type(nextServer, './arptables-service start');
    await checkRules(stage, nextServer, `both rules are there, with ${nextServer}'s address`, 2);
  },
};

export const arptablesUndone: Step = {
  row: '7b',
  title: 'Cure one is taken back',
  why: 'Without it the problem must return; otherwise it was not the cure.',
  async play(stage) {
    for (const server of realServers) await stage.type(server, './arptables-service stop');
    const { winner, tries } = await untilRealServerWins(stage);
    const back = realServers.some((server) => server === winner);
    stage.check(`a real server answers for ${vip} again`, back, () => `${winner}, ${tries} times in a row`);
    for (const server of realServers) await stage.type(server, `ip addr del ${vip}/32 dev eth0`);
  },
};

export const kernelCure: Step = {
  row: '7b',
  title: "Cure two, instead: the kernel's own switches, and the address on lo",
  why: 'arp_ignore=1 answers only for addresses of the interface that was asked on, arp_announce=2 asks with an address of the interface it asks on. First the switches, then the address.',
  async play(stage) {
    const words = `--runtime --arp sysctl --director ${ipOf(director)} ${vip}`;
    const typed = await stage.type(firstServer, `fairlead realserver join --dry-run ${words}`);
    const commands = linesOf(typed.stdout).join('; ');
    stage.check(
      'these are the commands that a person would type: two switches, and then the address',
      commands === [...switches, `ip address add ${vip}/32 dev lo`].join('; '),
      () => typed.stdout + typed.stderr,
    );
    stage.say(
      'fairlead realserver does them as one: all of them or none, and leave takes back exactly that.',
    );
    for (const server of realServers) {
      const { code, stderr } = await stage.type(server, `fairlead realserver join ${words}`);
      const addresses = (await stage.type(server, 'ip -br -4 addr')).stdout;
      const onLo =
        linesOf(addresses)
          .find((found) => found.includes(vip))
          ?.startsWith('lo ') ?? false;
      const rules = (await stage.quietly(server, 'arptables-save')).stdout.includes('-A ');
      stage.check(
        `${server} holds ${vip} on lo, its switches are set, arptables is empty`,
        code === 0 && onLo && !rules,
        () => `${stderr}${addresses}${rules ? 'arptables still has rules' : ''}`,
      );
    }
  },
};

const switches = ['arp_ignore=1', 'arp_announce=2'].map((each) => `sysctl -q -w net.ipv4.conf.all.${each}`);

async function writeService(stage: Stage, server: string): Promise<void> {
  const script = `cat > arptables-service <<'END' && chmod +x arptables-service
#!/bin/sh
case $1 in
start)   arptables-restore < ${rulesFile} ;;
stop)    arptables -F ;;
restart) $0 stop && $0 start ;;
esac
END`;
  await stage.type(server, script);
}

/** Lists the rules and checks that there are `wanted` of them, each naming what it must. */
async function checkRules(stage: Stage, server: string, expectation: string, wanted: 0 | 2): Promise<void> {
  const { stdout, stderr } = await stage.type(server, 'arptables -L -n');
  const drop = linesOf(stdout).some((line) => line.includes('-j DROP') && line.includes(vip));
  const mangle = linesOf(stdout).some((line) => line.trimEnd().endsWith(`--mangle-ip-s ${ipOf(server)}`));
  const seen = wanted === 2 ? drop && mangle : !stdout.includes('-j ') && stderr === '';
  stage.check(`${server}: ${expectation}`, seen, () => stdout + stderr);
}
