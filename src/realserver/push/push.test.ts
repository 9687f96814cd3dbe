import { describe, expect, test } from 'vitest';
import type { Address, Port } from '../../ipvs/address.ts';
import type { Ended } from '../../linux/program.ts';
import type { Shell } from '../join/shell.ts';
import type { Wanted } from '../join/wanted.ts';
import { carryOut, type Host, isPrepared, prepare } from './push.ts';
import { Unreachable, whyNot } from './ssh.ts';

const scripts = { engine: 'ENGINE', questions: 'QUESTIONS' };
const wanted: Wanted = {
  ...{ vips: ['192.0.2.100' as Address], way: 'auto', device: 'lo', rips: [], decapsulate: 'no' },
  ...{ guePort: 6080 as Port, lasting: false },
};

const answers = (last: number) => `@name
server${last}
@user
0
@works
sysctl
@links
1: lo: <LOOPBACK,UP> mtu 65536 \\    link/loopback
2: eth0: <BROADCAST,UP> mtu 1500 \\    link/ether 02:00:00:00:00:01
@addresses
2: eth0    inet 192.0.2.${last}/24 scope global eth0\\
@end
`;

type Behaviour = Readonly<Partial<Record<'apply' | 'commit' | 'back', Ended | 'gone'>>>;
const well: Ended = { code: 0, stdout: '', stderr: '' };

/** A host that answers so, and the words that it was told. */
function fakeHost(last: number, behaviour: Behaviour): Host & { readonly told: string[] } {
  const told: string[] = [];
  const shell: Shell = (script, words = []) => {
    if (script === scripts.questions) return Promise.resolve({ ...well, stdout: answers(last) });
    const word = words[0] as keyof Behaviour;
    told.push(word);
    const answer = behaviour[word] ?? well;
    return answer === 'gone' ? Promise.reject(new Unreachable('connection lost')) : Promise.resolve(answer);
  };
  return { name: `server${last}`, shell, told };
}

async function push(hosts: readonly Host[], interrupted = false): Promise<readonly (readonly string[])[]> {
  const prepared = await prepare(hosts, wanted, scripts);
  if (!isPrepared(prepared)) throw new Error('not prepared');
  const reports = await carryOut(prepared, scripts, () => interrupted);
  return reports.map(({ name, outcome, why }) => [name, outcome, ...(why === undefined ? [] : [why])]);
}

describe('all or none', () => {
  test('it is made final only when all have become so', async () => {
    const hosts = [fakeHost(2, {}), fakeHost(3, {})];
    expect(await push(hosts)).toEqual([
      ['server2', 'joined'],
      ['server3', 'joined'],
    ]);
    expect(hosts.map(({ told }) => told)).toEqual([
      ['apply', 'commit'],
      ['apply', 'commit'],
    ]);
  });

  test('one that has failed has taken it back itself, the others are told to', async () => {
    const failed = { code: 1, stdout: 'failed\tfile /etc/x\tdisk full\n', stderr: '' };
    const hosts = [fakeHost(2, {}), fakeHost(3, { apply: failed })];
    expect(await push(hosts)).toEqual([
      ['server2', 'taken back'],
      ['server3', 'failed', 'file /etc/x: disk full'],
    ]);
    expect(hosts.map(({ told }) => told)).toEqual([['apply', 'back'], ['apply']]);
  });

  test('one that was lost halfway is told to take it back, and says why', async () => {
    const hosts = [fakeHost(2, {}), fakeHost(3, { apply: 'gone' })];
    expect(await push(hosts)).toEqual([
      ['server2', 'taken back'],
      ['server3', 'taken back', 'connection lost'],
    ]);
  });

  test('of one that stays lost, nobody knows', async () => {
    const hosts = [fakeHost(2, {}), fakeHost(3, { apply: 'gone', back: 'gone' })];
    expect((await push(hosts))[1]).toEqual(['server3', 'unknown', 'connection lost']);
  });

  test('interrupted before it is final, all is taken back', async () => {
    expect(await push([fakeHost(2, {}), fakeHost(3, {})], true)).toEqual([
      ['server2', 'taken back'],
      ['server3', 'taken back'],
    ]);
  });
});

describe('what ssh says is told in a line, with what helps', () => {
  test.for([
    ['Host key verification failed.\n', 'its host key is not known: ssh root@server2 once, and compare it'],
    [
      '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n',
      'its host key is another one than before: once you know why, ssh-keygen -R server2',
    ],
    ['root@server2: Permission denied (publickey).\n', 'it does not let us in: ssh-copy-id root@server2'],
    [
      'ssh: connect to host server2 port 22: Connection refused\n',
      'ssh: connect to host server2 port 22: Connection refused',
    ],
    ['', 'ssh says nothing'],
  ] as const)('%s', ([stderr, sentence]) => expect(whyNot('root@server2', stderr)).toBe(sentence));
});
