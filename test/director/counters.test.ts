/** What --stats counts, against what the real servers received; and what becomes of it. */

import { beforeEach, expect, test } from 'vitest';
import { killDaemon } from './daemon.ts';
import { until } from './processes.ts';
import {
  command,
  createSegment,
  receiveDatagrams,
  type Segment,
  type Server,
  sendDatagrams,
  serveNames,
  vip,
} from './segment.ts';
import { type Namespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const dns = `${vip}:53`;
const [s2, s3] = ['172.25.138.2:53', '172.25.138.3:53'];

test('datagrams are counted as the real servers count them, in IP bytes', async () => {
  const segment = await createDatagramService();
  const { client, director, servers } = segment;
  const receivers = await Promise.all(servers.map((server) => receiveDatagrams(server, 53)));

  await sendDatagrams(client, 53, { count: 10, payload: 100, from: 40_000, spread: true });
  await sendDatagrams(client, 53, { count: 7, payload: 1400, from: 41_000 });

  const total = { connections: 11, packets: 17, bytes: 10 * 128 + 7 * 1428 };
  const headers = 28; // IPv4 and UDP
  await until(
    'all have arrived',
    () => receivers.reduce((sum, receiver) => sum + receiver.received().datagrams, 0) === total.packets,
  );
  const counters = await stats(director);
  expect(counters.get(dns)).toEqual(total);
  for (const [index, { address }] of servers.entries()) {
    const { datagrams, payload } = receivers[index]?.received() ?? { datagrams: 0, payload: 0 };
    const counted = counters.get(`${address}:53`);
    expect(counted).toMatchObject({ packets: datagrams, bytes: payload + headers * datagrams });
  }
});

test('round robin takes turns exactly, also under load from several processors at once', async () => {
  const { client, director } = await createDatagramService();
  const plan = { count: 1500, payload: 10, spread: true };

  await Promise.all([10_000, 20_000, 30_000].map((from) => sendDatagrams(client, 53, { ...plan, from })));

  const counters = await stats(director);
  expect([s2, s3].map((server) => counters.get(server)?.connections)).toEqual([2250, 2250]);
});

test('TCP packets and their bytes are those that the real servers received', async () => {
  const segment = await createSegment('s2', 's3');
  const { client, director, servers } = segment;
  await serveNames(segment, 'rr');
  const before = await Promise.all(servers.map(ipReceived));

  for (let port = 20_000; port < 20_020; port++) {
    await client.must('curl', '-sm', '5', '--local-port', String(port), `http://${vip}/`);
  }

  const counters = await stats(director);
  const sum = { connections: 0, packets: 0, bytes: 0 };
  for (const [index, server] of servers.entries()) {
    const { packets, bytes } = await ipReceived(server);
    const had = before[index] ?? { packets: 0, bytes: 0 };
    const counted = counters.get(`${server.address}:80`);
    expect(counted).toEqual({ connections: 10, packets: packets - had.packets, bytes: bytes - had.bytes });
    sum.connections += counted?.connections ?? 0;
    sum.packets += counted?.packets ?? 0;
    sum.bytes += counted?.bytes ?? 0;
  }
  expect(counters.get(`${vip}:80`)).toEqual(sum);
});

test('-Z puts the counters back to 0 and leaves the connections', async () => {
  const segment = await createSegment('s2');
  const { client, director } = segment;
  await serveNames(segment, 'rr');
  client.start('busybox', 'nc', vip, '80');
  await until('it is active', async () => (await bound(director)).get('172.25.138.2:80') === '1 0');
  await client.must('curl', '-sm', '5', `http://${vip}/`);
  await until('one is closed', async () => (await bound(director)).get('172.25.138.2:80') === '1 1');

  await command(director, '-Z');

  const nothing = { connections: 0, packets: 0, bytes: 0 };
  expect([...(await stats(director)).values()]).toEqual([nothing, nothing]);
  expect((await bound(director)).get('172.25.138.2:80')).toBe('1 1');
  await client.must('curl', '-sm', '5', `http://${vip}/`);
  expect((await stats(director)).get('172.25.138.2:80')?.connections).toBe(1);
});

test('a real server that was deleted before its service counts anew, though its connections go on', async () => {
  const { client, director } = await createDatagramService();
  const datagrams = { count: 8, payload: 100, from: 30_000, spread: true };
  await sendDatagrams(client, 53, datagrams);
  await command(director, `-d -u ${dns} -r ${s2}`);
  await command(director, `-D -u ${dns}`);
  await killDaemon(director);
  await command(director, `-A -u ${dns} -s rr`);
  await command(director, `-a -u ${dns} -r ${s2} -g`);
  expect((await stats(director)).get(s2)).toEqual({ connections: 0, packets: 0, bytes: 0 });
  await sendDatagrams(client, 53, datagrams);
  expect((await stats(director)).get(s2)).toEqual({ connections: 0, packets: 4, bytes: 512 });
  expect((await bound(director)).get(s2)).toBe('0 4');
});

type Step = {
  readonly commands: readonly string[];
  /** First source port of eight datagrams of 128 IP bytes, after the commands. */
  readonly send?: number;
  /** Conns = InPkts of the service, and of each real server that is listed, with its InActConn. */
  readonly service: number;
  readonly servers: Readonly<Record<string, { readonly counted: number; readonly inactive: number }>>;
};

/** Recorded from kernel IPVS 6.1 with ipvsadm 1.31. */
const lifeOfCounters: readonly Step[] = [
  {
    commands: [],
    send: 30_000,
    service: 8,
    servers: { [s2]: { counted: 4, inactive: 4 }, [s3]: { counted: 4, inactive: 4 } },
  },
  {
    commands: ['-Z'],
    service: 0,
    servers: { [s2]: { counted: 0, inactive: 4 }, [s3]: { counted: 0, inactive: 4 } },
  },
  {
    commands: [],
    send: 30_100,
    service: 8,
    servers: { [s2]: { counted: 4, inactive: 8 }, [s3]: { counted: 4, inactive: 8 } },
  },
  { commands: [`-d -u ${dns} -r ${s2}`], service: 8, servers: { [s3]: { counted: 4, inactive: 8 } } },
  {
    commands: [`-a -u ${dns} -r ${s2} -g`],
    service: 8,
    servers: { [s2]: { counted: 4, inactive: 8 }, [s3]: { counted: 4, inactive: 8 } },
  },
  {
    commands: [],
    send: 30_200,
    service: 16,
    servers: { [s2]: { counted: 8, inactive: 12 }, [s3]: { counted: 8, inactive: 12 } },
  },
  {
    commands: [`-D -u ${dns}`, `-A -u ${dns} -s rr`, `-a -u ${dns} -r ${s2} -g`, `-a -u ${dns} -r ${s3} -g`],
    service: 0,
    servers: { [s2]: { counted: 0, inactive: 12 }, [s3]: { counted: 0, inactive: 12 } },
  },
  {
    commands: [],
    send: 30_300,
    service: 8,
    servers: { [s2]: { counted: 4, inactive: 16 }, [s3]: { counted: 4, inactive: 16 } },
  },
  {
    commands: ['-C', `-A -u ${dns} -s rr`, `-a -u ${dns} -r ${s2} -g`],
    service: 0,
    servers: { [s2]: { counted: 0, inactive: 16 } },
  },
  {
    commands: ['-Z', `-d -u ${dns} -r ${s2}`, `-a -u ${dns} -r ${s2} -g`],
    service: 0,
    servers: { [s2]: { counted: 0, inactive: 16 } },
  },
];

test('a real server that is deleted and added again has its connections, and in the same service its counters, as in IPVS', async () => {
  const { client, director } = await createDatagramService();
  for (const [index, { commands, send, service, servers }] of lifeOfCounters.entries()) {
    for (const words of commands) await command(director, words);
    if (send !== undefined) {
      await sendDatagrams(client, 53, { count: 8, payload: 100, from: send, spread: true });
    }
    const step = `step ${index + 1}: ${commands.join(', ')}`;
    const counted = (count: number) => ({ connections: count, packets: count, bytes: 128 * count });
    const rows = Object.entries(servers);
    expect(Object.fromEntries(await stats(director)), step).toEqual(
      Object.fromEntries([
        [dns, counted(service)],
        ...rows.map(([name, row]) => [name, counted(row.counted)]),
      ]),
    );
    expect(Object.fromEntries(await bound(director)), step).toEqual(
      Object.fromEntries(rows.map(([name, { inactive }]) => [name, `0 ${inactive}`])),
    );
  }
});

/** rr over s2 and s3 on UDP port 53. */
async function createDatagramService(): Promise<Segment> {
  const segment = await createSegment('s2', 's3');
  await command(segment.director, `-A -u ${dns} -s rr`);
  for (const server of [s2, s3]) await command(segment.director, `-a -u ${dns} -r ${server} -g`);
  return segment;
}

type Count = { readonly connections: number; readonly packets: number; readonly bytes: number };

/** Services and real servers by name, as --stats --exact lists them. Nothing may be counted outwards. */
async function stats(director: Namespace): Promise<ReadonlyMap<string, Count>> {
  const { stdout } = await director.ipvsadm('-Ln --stats --exact');
  const rows = stdout.split('\n').slice(3, -1);
  return new Map(
    rows.map((row) => {
      const [, name = '', connections, packets, outPackets, bytes, outBytes] = row.trim().split(/\s+/);
      expect([outPackets, outBytes]).toEqual(['0', '0']);
      return [name, { connections: Number(connections), packets: Number(packets), bytes: Number(bytes) }];
    }),
  );
}

/** `ActiveConn InActConn` of each real server. */
async function bound(director: Namespace): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await director.ipvsadm('-Ln');
  const rows = stdout.split('\n').filter((row) => / Route /.test(row));
  return new Map(
    rows.map((row) => {
      const [, name = '', , , active, inactive] = row.trim().split(/\s+/);
      return [name, `${active} ${inactive}`];
    }),
  );
}

/** All IPv4 packets and bytes that came in, as the host's own stack counts them (proc_net_netstat, IpExt). */
async function ipReceived(server: Server): Promise<{ readonly packets: number; readonly bytes: number }> {
  const figures = async (file: string, group: string): Promise<ReadonlyMap<string, number>> => {
    const lines = (await server.must('cat', `/proc/net/${file}`)).split('\n');
    const [names, values] = lines
      .filter((line) => line.startsWith(`${group}: `))
      .map((line) => line.split(' '));
    return new Map(names?.map((name, index) => [name, Number(values?.[index])]));
  };
  const packets = (await figures('snmp', 'Ip')).get('InReceives') ?? Number.NaN;
  const bytes = (await figures('netstat', 'IpExt')).get('InOctets') ?? Number.NaN;
  return { packets, bytes };
}
