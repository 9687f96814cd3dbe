/**
 * What a daemon and the one who looks after it say to each other: sd_notify(3), sd_listen_fds(3) and
 * sd_watchdog_enabled(3), which are variables of the environment and datagrams. Without a supervisor nothing is said.
 */

import { sendDatagram } from '../linux/unix-datagram.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type Supervisor = {
  /** Whether somebody wants to know. */
  readonly isThere: boolean;
  ready(): void;
  reloading(): void;
  stopping(): void;
  /** A sentence for `systemctl status`. Said again only when it is another one. */
  status(sentence: string): void;
  /** That it lives; often enough where it is called a few times a second. */
  alive(): void;
};

/** SD_LISTEN_FDS_START. */
const firstListenFd = 3;

/** The socket that was opened for this process before it was started. */
export function givenSocket(environment: Environment, pid: number): number | undefined {
  const isOurs = environment['LISTEN_PID'] === String(pid);
  return isOurs && Number(environment['LISTEN_FDS']) >= 1 ? firstListenFd : undefined;
}

export type SupervisorModules = {
  readonly environment: Environment;
  readonly pid: number;
  /** Milliseconds, and never backwards (CLOCK_MONOTONIC). */
  readonly now: () => number;
  readonly send?: (path: string, text: string) => void;
};

export function createSupervisor(modules: SupervisorModules): Supervisor {
  const { environment, pid, now, send = sendDatagram } = modules;
  const path = environment['NOTIFY_SOCKET'];
  const interval = watchdogMilliseconds(environment, pid);
  let said = '';
  let lastAlive = Number.NEGATIVE_INFINITY;
  const tell = (...lines: readonly string[]): void => {
    if (path !== undefined) send(path, lines.join('\n'));
  };
  return {
    isThere: path !== undefined,
    ready: () => tell('READY=1'),
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${Math.floor(now() * 1000)}`),
    stopping: () => tell('STOPPING=1'),
    status(sentence) {
      if (sentence === said) return;
      said = sentence;
      tell(`STATUS=${sentence.replaceAll('\n', ' ')}`);
    },
    alive() {
      if (interval === undefined || now() - lastAlive < interval / 3) return;
      lastAlive = now();
      tell('WATCHDOG=1');
    },
  };
}

function watchdogMilliseconds(environment: Environment, pid: number): number | undefined {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: whose = String(pid) } = environment;
  return microseconds !== undefined && whose === String(pid) ? Number(microseconds) / 1000 : undefined;
}
