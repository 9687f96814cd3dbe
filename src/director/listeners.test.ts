import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Address, Port } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { type ApiListener, type ApiSettings, closedApi, listenerText } from '../ipvs/listener.ts';
import { listenOn } from '../linux/listening-socket.ts';
import { createListeners } from './listeners.ts';
import type { Saved } from './saved.ts';

const host = '127.0.0.1' as Address;

async function freePort(): Promise<Port> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port as Port;
}

const listener = (port: Port): ApiListener => ({ address: host, port, place: 'namespace', plainText: true });
const settingsOf = (...ports: readonly Port[]): ApiSettings => ({
  ...closedApi,
  listeners: ports.map(listener),
});

/** Listeners of a daemon, what it keeps for the next one, and a disk that may be full. */
function listening() {
  const disk = { isFull: false };
  const log: string[] = [];
  let file: ApiSettings | undefined;
  const prepare: Saved<ApiSettings>['prepare'] = (value) => {
    if (disk.isFull) throw new FairleadError('SYSTEM_CALL', 'api.json cannot be written: no space');
    return {
      commit: () => {
        file = value;
      },
      discard: () => undefined,
    };
  };
  const listeners = createListeners({
    inside: (action) => action(),
    onHost: (action) => action(),
    listenOn,
    serve: () => undefined,
    saved: {
      read: () => file,
      write: (value) => prepare(value).commit(),
      prepare,
      forget: () => {
        file = undefined;
      },
    },
    now: () => 0,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warning: (line) => log.push(line),
      error: () => undefined,
    },
  });
  onTestFinished(() => listeners.close(true));
  return { listeners, disk, log, file: () => file };
}

/** Whether somebody listens there: then nobody else can. */
async function isOpen(port: Port): Promise<boolean> {
  const probe = createServer();
  const taken = once(probe, 'error').then(() => true);
  const free = once(probe, 'listening').then(() => false);
  probe.listen(port, host);
  const outcome = await Promise.race([taken, free]);
  probe.close();
  return outcome;
}

describe('listeners of the API', () => {
  it('stay as they are where the next daemon could not be told of others', async () => {
    const { listeners, disk, file } = listening();
    const [before, wanted] = [await freePort(), await freePort()];
    listeners.set(settingsOf(before));
    disk.isFull = true;
    expect(() => listeners.set(settingsOf(wanted))).toThrow('no space');
    expect([listeners.settings(), file()]).toEqual([settingsOf(before), settingsOf(before)]);
    expect([await isOpen(before), await isOpen(wanted)]).toEqual([true, false]);
  });

  it('are again what they were, also where the next daemon cannot be told yet; it is once it can', async () => {
    const { listeners, disk, log, file } = listening();
    const [before, wanted] = [await freePort(), await freePort()];
    listeners.set(settingsOf(before));
    const undo = listeners.keep();
    listeners.set(settingsOf(wanted));
    disk.isFull = true;
    undo();
    listeners.step();
    expect(listeners.settings()).toEqual(settingsOf(before));
    expect([await isOpen(before), await isOpen(wanted)]).toEqual([true, false]);
    expect(log).toEqual([expect.stringContaining('no space')]);
    disk.isFull = false;
    listeners.step();
    expect(file()).toEqual(settingsOf(before));
  });

  it('that cannot be opened leave those that are, and what the next daemon is told', async () => {
    const { listeners, file } = listening();
    const [before, taken] = [await freePort(), await freePort()];
    listeners.set(settingsOf(before));
    const other = createServer().listen(taken, host);
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    expect(() => listeners.set(settingsOf(before, taken))).toThrow(/EADDRINUSE/);
    expect([listeners.settings(), file()]).toEqual([settingsOf(before), settingsOf(before)]);
    expect(await isOpen(before), listenerText(listener(before))).toBe(true);
  });

  it('that all go are forgotten, with a full disk, too', async () => {
    const { listeners, disk, file } = listening();
    listeners.set(settingsOf(await freePort()));
    disk.isFull = true;
    listeners.set(closedApi);
    expect(file()).toBeUndefined();
  });
});
