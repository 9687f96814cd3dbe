import { describe, expect, it } from 'vitest';
import { tcp, tcpFlags } from '../doctor/frames/build.ts';
import type { Address, Port } from '../ipvs/address.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { IpPacket } from '../linux/raw-ip-socket.ts';
import type { HeardSegment } from '../linux/tcp-ear.ts';
import { createServerResets } from './server-resets.ts';

const client = '198.51.100.1' as Address;
const vip = { address: '192.0.2.10' as Address, port: 80 as Port };
const server = { address: '10.0.0.11' as Address, port: 8080 as Port };

function connection(port: number, method: ConnectionStatus['method'] = 'gate'): ConnectionStatus {
  return {
    ...{ template: false, protocol: 'tcp', family: 4, state: 'ESTABLISHED', expiresInSeconds: 9, method },
    ...{ client: { address: client, port: port as Port }, virtual: vip, destination: server },
  };
}

const answer = (sourcePort: number, sequence: number): HeardSegment => ({
  ...{ from: client, sourcePort, to: vip.address, port: vip.port },
  ...{ sequence, next: sequence + 10, acknowledged: 77 },
});

function world(connections: readonly ConnectionStatus[], listenFails = false) {
  const due: (() => void)[] = [];
  const pauses: number[] = [];
  const heard: HeardSegment[] = [];
  const sent: IpPacket[] = [];
  const warnings: string[] = [];
  const opened: (number | undefined)[] = [];
  const widened: (number | undefined)[] = [];
  let isOpen = false;
  let taken = 0;
  const awaitAnswers = createServerResets({
    listen: (_, port) => {
      if (listenFails) throw new Error('not permitted');
      opened.push(port);
      isOpen = true;
      return {
        receive: () => (taken < heard.length ? heard[taken++] : undefined),
        hearAll: () => widened.push(port),
        close: () => {
          isOpen = false;
        },
      };
    },
    sendAll: (packets) => sent.push(...packets),
    log: { warning: (line) => warnings.push(line) },
    pause: (action, milliseconds) => {
      pauses.push(milliseconds);
      due.push(action);
    },
  });
  const answers = awaitAnswers(connections);
  const goOn = (): void => due.shift()?.();
  const settle = (): void => {
    while (due.length > 0) goOn();
  };
  const told = { heard, sent, warnings, opened, widened, pauses, isOpen: () => isOpen, taken: () => taken };
  return { answers, awaitAnswers, goOn, settle, ...told };
}

const reset = (port: number, sequence: number, to: { readonly address: Address; readonly port: Port }) => ({
  to: server.address,
  packet: tcp(
    { from: client, to: to.address },
    { sourcePort: port, port: to.port, flags: tcpFlags.rst, sequence },
  ),
});

describe('the answer of a client whose connection has ended', () => {
  it('resets the real server in its name, with its number: at the virtual address, or the translated one', () => {
    const { answers, heard, sent } = world([connection(1), connection(2, 'masq')]);
    heard.push(answer(1, 7_000), answer(2, 4_294_967_295));
    answers.hear();
    expect(sent).toEqual([reset(1, 7_000, vip), reset(2, 4_294_967_295, server)]);
  });

  it('has come to a real server that is this host itself: that is reset behind it, and the client before what it awaits', () => {
    const { answers, heard, sent } = world([connection(1, 'local')]);
    heard.push(answer(1, 7_000));
    answers.hear();
    const segment = { sourcePort: vip.port, port: 1, flags: tcpFlags.rst, sequence: 77 };
    const clientReset = { to: client, packet: tcp({ from: vip.address, to: client }, segment) };
    expect(sent).toEqual([reset(1, 7_010, vip), clientReset]);
  });

  it('does so once, and only where it was asked', () => {
    const { answers, heard, sent, isOpen } = world([connection(1), connection(2)]);
    heard.push(answer(1, 7_000), answer(1, 8_000), answer(3, 9_000));
    heard.push({ ...answer(2, 1), port: 81 }, { ...answer(2, 1), to: server.address });
    answers.hear();
    expect(sent).toEqual([reset(1, 7_000, vip)]);
    expect(isOpen(), 'the second has not answered').toBe(true);
  });

  it('is waited for no longer when all have come', () => {
    const { answers, heard, opened, isOpen } = world([connection(1)]);
    expect(opened).toEqual([vip.port]);
    heard.push(answer(1, 1));
    answers.hear();
    expect(isOpen()).toBe(false);
  });

  it('may come a while later, and is not waited for without end', () => {
    const { answers, heard, sent, settle, isOpen } = world([connection(1), connection(2)]);
    answers.linger();
    heard.push(answer(2, 5));
    settle();
    expect(sent).toEqual([reset(2, 5, vip)]);
    expect(isOpen()).toBe(false);
  });

  it('is one of many, which are passed on in portions without a pause, and strangers do not make it more', () => {
    const ports = Array.from({ length: 600 }, (_, index) => index + 1);
    const { answers, heard, sent, pauses, settle, isOpen } = world(ports.map((port) => connection(port)));
    heard.push(...ports.slice(1).map((port) => answer(port, port)));
    answers.linger();
    settle();
    expect(sent.length).toBe(599);
    expect(pauses.slice(0, 3)).toEqual([0, 0, 20]);
    expect(isOpen()).toBe(false);

    const flood = world([connection(1)]);
    const strangers = Array.from({ length: 100_000 }, () => answer(9, 1));
    flood.heard.push(...strangers);
    flood.answers.linger();
    flood.settle();
    expect(flood.taken()).toBeLessThan(50_000);
    expect(flood.isOpen()).toBe(false);
  });

  it('is heard by one ear, whatever port it is for, however many real servers have gone', () => {
    const elsewhere = { address: '192.0.2.11' as Address, port: 81 as Port };
    const { answers, awaitAnswers, heard, sent, opened, widened, isOpen } = world([connection(1)]);
    const others = awaitAnswers([connection(2)]);
    const further = awaitAnswers([{ ...connection(1), virtual: elsewhere }]);
    expect([opened, widened]).toEqual([[vip.port], [vip.port]]);
    heard.push(answer(1, 5), answer(2, 6), { ...answer(1, 7), to: elsewhere.address, port: elsewhere.port });
    answers.hear();
    expect(sent).toEqual([reset(1, 5, vip), reset(2, 6, vip), reset(1, 7, elsewhere)]);
    expect(isOpen()).toBe(false);
    others.linger();
    further.linger();
    const next = awaitAnswers([connection(3)]);
    next.hear();
    expect([opened, isOpen()]).toEqual([[vip.port, vip.port], true]);
  });

  it('is waited for as long as ever, whoever else goes meanwhile', () => {
    const { answers, awaitAnswers, goOn, heard, sent, pauses, settle, isOpen } = world([connection(1)]);
    answers.linger();
    while (pauses.length < 60) goOn();
    const later = awaitAnswers([connection(2)]);
    later.linger();
    while (pauses.length < 110) goOn();
    heard.push(answer(1, 5), answer(2, 6));
    settle();
    expect(sent).toEqual([reset(2, 6, vip)]);
    expect(pauses.length, 'one goes on for both').toBe(110);
    expect(isOpen()).toBe(false);
  });

  it('is not waited for where the clients could not be asked', () => {
    const { answers, isOpen } = world([connection(1)]);
    answers.close();
    expect(isOpen()).toBe(false);
  });

  it('leads to nothing where the way to the real server is not known', () => {
    const { answers, heard, sent, isOpen } = world([connection(1, 'ipip')]);
    heard.push(answer(1, 7_000));
    answers.hear();
    expect(sent).toEqual([]);
    expect(isOpen()).toBe(false);
  });

  it('is missed until it has come, or is waited for no longer', () => {
    const { answers, heard, settle } = world([connection(1), connection(2)]);
    heard.push(answer(1, 7_000));
    answers.hear();
    expect(answers.missing()).toEqual([connection(2)]);
    answers.linger();
    settle();
    expect(answers.missing()).toEqual([]);
  });

  it('is not listened for where that cannot be done, which is said', () => {
    const { answers, settle, warnings } = world([connection(1)], true);
    answers.hear();
    answers.linger();
    settle();
    expect(warnings).toEqual(['a real server is not told of connections that have ended: not permitted']);
  });
});
