import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import { readFrame } from '../frames/read.ts';
import type { Heard, Network } from './network.ts';
import { probeServer, type Target, type Way } from './server.ts';

const [own, vip, rip, stranger] = [
  '10.0.0.1',
  '10.0.0.100',
  '10.0.0.11',
  '10.0.0.77',
] as readonly string[] as [...[Address, Address, Address, Address]];
const [ownMac, ripMac] = ['02:00:0a:00:00:01', '02:00:0a:00:00:0b'] as const;
const port = 40_000;
const pollMilliseconds = 4;

const way: Way = {
  ...{ interface: 'eth0', mac: ownMac, nextHopMac: ripMac, source: own, innerSource: own, stranger },
  ...{ linkLocal: undefined, isSuspect: false, extraPorts: [] },
};
const target: Target = {
  ...{ protocol: 'tcp', vip, rip, virtualPort: 80, realPort: 80, tunnel: undefined, isTranslated: false },
};

/** A real server: whether it holds the virtual address, and when its kernel asks for the stranger. */
type Host = { readonly holdsVip: boolean; readonly asksAt: readonly number[]; readonly asksAs?: Address };

/** A segment on which what is sent is answered at once, with a clock that stands still but for the wait for answers. */
function segmentWith({ holdsVip, asksAt, asksAs = rip }: Host): Network {
  const answersTo = (bytes: Uint8Array): readonly Heard[] => {
    const content = readFrame(bytes)?.content;
    if (content === undefined || !('to' in content) || content.from !== own) return [];
    if (content.to === vip && !holdsVip) return [];
    const back = { from: content.to, to: content.from };
    const frame = { source: ripMac, destination: ownMac, interface: 'eth0' };
    if (content.kind === 'echo') return [{ ...frame, content: { ...content, ...back, isAnswer: true } }];
    if (content.kind !== 'tcp') return [];
    const { sourcePort, port: toPort, sequence } = content;
    const answer = {
      sourcePort: toPort,
      port: sourcePort,
      flags: 0x12,
      sequence: 1,
      acknowledged: sequence + 1,
    };
    return [{ ...frame, content: { ...content, ...back, ...answer } }];
  };
  const question: Heard = {
    ...{ source: ripMac, destination: 'ff:ff:ff:ff:ff:ff', interface: 'eth0' },
    content: { kind: 'neighbour', isAnswer: false, claimed: asksAs, mac: ripMac, target: stranger },
  };
  const began = performance.now();
  const due = [...asksAt];
  return {
    send: () => undefined,
    close: () => undefined,
    async ask({ frames, take, isEnough, attempts, milliseconds }) {
      const heard: NonNullable<ReturnType<typeof take>>[] = [];
      const hear = (frame: Heard): void => {
        const sign = take(frame);
        if (sign !== undefined && sign !== null) heard.push(sign);
      };
      for (let attempt = 0; attempt < attempts; attempt++) {
        for (const frame of frames.flatMap(answersTo)) hear(frame);
        for (let waited = 0; waited < milliseconds; waited += pollMilliseconds) {
          await Promise.resolve();
          vi.advanceTimersByTime(pollMilliseconds);
          while (due[0] !== undefined && performance.now() - began >= due[0]) {
            due.shift();
            hear(question);
          }
          if (isEnough(heard)) return heard;
        }
      }
      return heard;
    },
  };
}

async function probed(host: Host, more: Partial<Way> = {}) {
  const began = performance.now();
  const answers = await probeServer(segmentWith(host), { ...way, ...more }, target, port, 0);
  return { ...answers, milliseconds: performance.now() - began };
}

describe('a real server that is asked', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => vi.useRealTimers());

  it('and answers everything keeps nobody waiting, be it heard to ask or not', async () => {
    expect(await probed({ holdsVip: true, asksAt: [0] })).toMatchObject({ virtual: 'open', askedAs: rip });
    const quiet = await probed({ holdsVip: true, asksAt: [] });
    expect(quiet).toMatchObject({ virtual: 'open', virtualPing: true, askedAs: undefined });
    expect(quiet.milliseconds).toBeLessThan(100);
  });

  it('and has lately asked as the virtual address is listened to until it has asked again', async () => {
    // Its kernel was asking for the stranger before the doctor was: the next question is a second later.
    const answers = await probed({ holdsVip: true, asksAt: [990] }, { isSuspect: true });
    expect(answers).toMatchObject({ virtual: 'open', askedAs: rip });
    expect(await probed({ holdsVip: true, asksAt: [990], asksAs: vip }, { isSuspect: true })).toMatchObject({
      askedAs: vip,
    });
    const never = await probed({ holdsVip: true, asksAt: [] }, { isSuspect: true });
    expect(never).toMatchObject({ virtual: 'open', askedAs: undefined, milliseconds: 1600 });
  });

  it('and answers nothing at the virtual address is listened to, too: its question shows that it holds it', async () => {
    const answers = await probed({ holdsVip: false, asksAt: [990] });
    expect(answers).toMatchObject({ virtual: 'silent', own: 'open', virtualPing: false, askedAs: rip });
  });

  it('and gets packets for its own address keeps nobody waiting for a question that it has no reason for', async () => {
    const translated = { ...target, isTranslated: true };
    const began = performance.now();
    await probeServer(
      segmentWith({ holdsVip: false, asksAt: [] }),
      { ...way, isSuspect: true },
      translated,
      port,
      0,
    );
    expect(performance.now() - began).toBeLessThan(100);
  });
});
