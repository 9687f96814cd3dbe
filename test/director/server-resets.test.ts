/** The real server's end of connections that `fairlead server remove --reset` has ended, on the wire. */

import { beforeEach, expect, test } from 'vitest';
import { answer } from './load.ts';
import { must, until } from './processes.ts';
import { command, createSegment, type Segment, vip } from './segment.ts';
import { needsRoot } from './support.ts';
import { talkTo } from './talk.ts';

beforeEach(needsRoot);

const vip6 = 'fd00::100';

/** The same addresses of IPv6 as of IPv4, by their last octets. */
async function addIpv6({ client, director, servers }: Segment): Promise<void> {
  const add = (host: { readonly name: string }, address: string, device = 'eth0') =>
    must(['ip', '-n', host.name, 'address', 'add', address, 'dev', device, 'nodad']);
  await add(client, 'fd00::250/64');
  await add(director, 'fd00::1/64');
  await add(director, `${vip6}/64`);
  for (const [index, server] of servers.entries()) {
    await add(server, `fd00::${index + 2}/64`);
    await add(server, `${vip6}/128`, 'lo');
  }
}

test.each([
  ['directly routed', vip, ['7'], '172.25.138.2', '-g'],
  ['masqueraded, its port as well, in two services', vip, ['8', '9'], '172.25.138.2', '-m'],
  ['directly routed in IPv6', vip6, ['7'], 'fd00::2', '-g'],
])('%s: it is reset, too, though nothing more is said', async (_, virtual, ports, rip, how) => {
  const segment = await createSegment('s2');
  const { client, director, servers } = segment;
  await addIpv6(segment);
  const [real] = servers;
  if (!real) throw new Error('one was asked for');
  // What is masqueraded has to go back by the director.
  if (how === '-m')
    await must(['ip', '-n', real.name, 'route', 'add', '172.25.138.250/32', 'via', '172.25.138.1']);
  await answer(real);
  const server = `${bracketed(rip)}:7`;
  for (const port of ports) {
    const service = `${bracketed(virtual)}:${port}`;
    await command(director, `-A -t ${service} -s rr`);
    await command(director, `-a -t ${service} -r ${server} ${how}`);
    const talk = await talkTo(client, virtual, port);
    await talk.exchange('some more, so that the number is not the first');
  }
  const established = () => real.must('ss', '-Htn', 'state', 'established');
  expect((await established()).trim().split('\n').length).toBe(ports.length);

  const removed = await director.fairlead(`server remove ${server} --reset`);
  expect(removed).toMatchObject({ code: 0, stderr: '' });
  await until('the real server is reset', async () => (await established()) === '');
});

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

test('a real server that is the director itself: both ends are reset', async () => {
  const { client, director } = await createSegment('s2');
  await answer(director);
  await command(director, `-A -t ${vip}:7 -s rr`);
  await command(director, `-a -t ${vip}:7 -r 127.0.0.1:7 -g`);
  await talkTo(client, vip, '7');
  const established = async (): Promise<string> =>
    (await director.must('ss', '-Htn', 'state', 'established')) +
    (await client.must('ss', '-Htn', 'state', 'established'));
  expect((await established()).trim().split('\n').length).toBe(2);

  const removed = await director.fairlead('server remove 127.0.0.1:7 --reset');
  expect(removed).toMatchObject({ code: 0, stderr: '' });
  await until('both are reset', async () => (await established()) === '');
});
