/** Asking a real server once: a row for each kind of probe. */

import { type Attempt, attempted, type Probing, type Success, type Tools } from './attempt.ts';
import type { Probe } from './check.ts';
import { probeCommand } from './probes/command.ts';
import { probeDns } from './probes/dns.ts';
import { probeFile } from './probes/file.ts';
import { probeGrpc } from './probes/grpc.ts';
import { probeHttp } from './probes/http.ts';
import { probePing } from './probes/ping.ts';
import { probeSmtp } from './probes/smtp.ts';
import { probeTcp } from './probes/tcp.ts';
import { probeTls } from './probes/tls.ts';
import { probeUdp } from './probes/udp.ts';
import type { Target } from './target.ts';

/** Begins at once. The caller keeps the time. */
export type Prober = (probe: Probe, target: Target) => Probing;

/** One for each kind: it resolves where the real server is well, and rejects with why it is not. */
const kinds: {
  readonly [K in Probe['kind']]: (probe: Extract<Probe, { kind: K }>, attempt: Attempt) => Promise<Success>;
} = {
  tcp: probeTcp,
  http: probeHttp,
  tls: probeTls,
  dns: probeDns,
  udp: probeUdp,
  smtp: probeSmtp,
  grpc: probeGrpc,
  ping: probePing,
  command: probeCommand,
  file: probeFile,
};

export function createProber(tools: Tools): Prober {
  return (probe, target) => attempted(target, tools, (attempt) => run(probe.kind, probe, attempt));
}

function run<K extends Probe['kind']>(kind: K, probe: Probe, attempt: Attempt): Promise<Success> {
  return kinds[kind](probe as Extract<Probe, { kind: K }>, attempt);
}
