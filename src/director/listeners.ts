/**
 * The TCP listeners of the API. A socket of the served namespace keeps it alive, and so does each connection of it: they are closed
 * when no other way into the namespace is left (docs/design/0013).
 */

import type { Serve } from '../api/server.ts';
import { createGate, type Gate } from '../api/tcp/gate.ts';
import { createTcpServer, type TcpServer } from '../api/tcp/server.ts';
import { createTokenBook } from '../api/tcp/token-file.ts';
import { FairleadError, messageOf } from '../ipvs/errors.ts';
import {
  type ApiListener,
  type ApiSettings,
  closedApi,
  isSameApi,
  isSameListener,
  listenerProblem,
  listenerText,
  maxListeners,
} from '../ipvs/listener.ts';
import type { Logger } from '../ipvs/log.ts';
import { loadTls, tlsStamp } from './certificates.ts';
import type { Door } from './door.ts';
import { failuresOf } from './failures.ts';
import type { Prepared, Saved } from './saved.ts';

export type ListenerModules = {
  readonly inside: Door;
  /** Runs an action in the namespace of process 1. */
  readonly onHost: Door;
  /** A descriptor that listens in the calling thread's namespace. */
  readonly listenOn: (address: ApiListener['address'], port: number) => number;
  readonly serve: Serve;
  readonly saved: Saved<ApiSettings>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
};

export type Listeners = ReturnType<typeof createListeners>;

type Open = { readonly listener: ApiListener; readonly server: TcpServer; stamp: string };

export function createListeners(modules: ListenerModules) {
  const { inside, onHost, saved, log } = modules;
  let settings: ApiSettings = closedApi;
  let gate: Gate | undefined;
  let open: readonly Open[] = [];
  /** What the next daemon will read. */
  let kept: ApiSettings = closedApi;
  let said = '';

  const openOne = (listener: ApiListener, through: Gate): Open => {
    const stamp = listener.tls ? tlsStamp(listener.tls) : '';
    const server = createTcpServer(listener.tls && loadTls(listener.tls), through, modules.serve);
    const door = listener.place === 'host' ? onHost : inside;
    server.listen(door(() => modules.listenOn(listener.address, listener.port)));
    return { listener, server, stamp };
  };
  /** What is open already stays, with its connections. Throws where one cannot be opened; then it is as it was. */
  const become = (wanted: ApiSettings): void => {
    const isSameGate =
      wanted.tokens === settings.tokens && wanted.rate === settings.rate && gate !== undefined;
    const next =
      isSameGate && gate
        ? gate
        : createGate(wanted.rate, {
            tokens: createTokenBook(wanted.tokens, log.warning),
            now: modules.now,
            log: log.warning,
          });
    const stays = open.filter(
      (each) => isSameGate && wanted.listeners.some((other) => isSameListener(other, each.listener)),
    );
    const goes = open.filter((each) => !stays.includes(each));
    for (const { server } of goes) server.close();
    open = stays;
    try {
      for (const listener of wanted.listeners)
        if (!open.some((each) => isSameListener(each.listener, listener)))
          open = [...open, openOne(listener, next)];
    } finally {
      gate = next;
      settings = wanted;
    }
  };
  const reload = (each: Open): void => {
    const { tls } = each.listener;
    const stamp = tls ? tlsStamp(tls) : '';
    if (!tls || stamp === each.stamp) return;
    each.stamp = stamp; // tried once, whatever comes of it
    each.server.setTls(loadTls(tls));
    log.info(`api: ${listenerText(each.listener)} has new certificates`);
  };
  /** Each failure is said once. */
  const attempt = (actions: readonly (() => void)[]): void => {
    const line = failuresOf(actions).join('; ');
    if (line !== said && line !== '') log.warning(`api: ${line}`);
    said = line;
  };
  const prepared = (wanted: ApiSettings): Prepared =>
    isSameApi(wanted, closedApi) ? { commit: saved.forget, discard: () => undefined } : saved.prepare(wanted);
  const keepForNext = (): void => {
    if (isSameApi(kept, settings)) return;
    prepared(settings).commit();
    kept = settings;
  };
  const hasWayIn = (): boolean => {
    try {
      return inside(() => true);
    } catch {
      return false;
    }
  };

  return {
    settings: (): ApiSettings => settings,

    /** All of it, or nothing. Throws LISTENER_INVALID, LISTENER_FAILED, or SYSTEM_CALL where it cannot be kept for the next daemon. */
    set(wanted: ApiSettings): void {
      const problem = problemOf(wanted);
      if (problem !== undefined) throw new FairleadError('LISTENER_INVALID', problem);
      const before = settings;
      const { commit, discard } = prepared(wanted);
      try {
        opened(() => become(wanted));
        commit();
        kept = wanted;
      } catch (error) {
        discard();
        attempt([() => become(before)]);
        throw error;
      }
    },

    /** Answers what makes everything again what it is now. Throws where a listener is not open then; it is tried again, as keeping it is. */
    keep(): () => void {
      const before = settings;
      return () => {
        try {
          become(before);
        } finally {
          attempt([keepForNext]);
        }
      };
    },

    /** What the daemon before this one had. What cannot be opened now is tried again. */
    adopt(): void {
      const before = saved.read();
      if (!before) return;
      kept = before;
      attempt([() => become(before)]);
    },

    /** To be called a few times a second. */
    step(): void {
      if (settings.listeners.length === 0) {
        attempt([keepForNext]);
        return;
      }
      if (!hasWayIn()) {
        for (const { server } of open) server.destroy();
        open = [];
        return;
      }
      const through = gate;
      const missing = settings.listeners.filter(
        (listener) => !open.some((each) => isSameListener(each.listener, listener)),
      );
      attempt([
        keepForNext,
        ...open.map((each) => () => reload(each)),
        ...missing.map((listener) => () => {
          if (through) open = [...open, openOne(listener, through)];
        }),
      ]);
      for (const { server } of open) server.dropRevoked();
    },

    /** For a daemon that ends. The next one opens them again, unless the namespace has gone. */
    close(hasNamespace: boolean): void {
      for (const { server } of open) server.destroy();
      open = [];
      if (!hasNamespace) saved.forget();
    },
  };
}

/** What cannot be opened is a listener that fails, whatever the reason. */
function opened(open: () => void): void {
  try {
    open();
  } catch (error) {
    throw error instanceof FairleadError && error.code === 'LISTENER_FAILED'
      ? error
      : new FairleadError('LISTENER_FAILED', messageOf(error), { cause: error });
  }
}

function problemOf({ listeners, tokens }: ApiSettings): string | undefined {
  if (listeners.length > maxListeners) return `${listeners.length} listeners, ${maxListeners} at most`;
  if (!tokens.startsWith('/')) return `${tokens} is not an absolute path`;
  const twice = listeners.find((each, index) =>
    listeners.slice(0, index).some((other) => listenerText(other) === listenerText(each)),
  );
  if (twice) return `${listenerText(twice)} stands there a second time`;
  return listeners.map(listenerProblem).find((problem) => problem !== undefined);
}
