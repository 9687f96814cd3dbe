/**
 * The checker of one network namespace: asks its real servers, and tells the daemon what came of it.
 *
 *   checker NAMESPACE-INODE    orders on standard input, reports on standard output (protocol.ts)
 *
 * The daemon lives outside the namespace, and sockets have to be inside: hence a process of its own. It ends with the
 * daemon, whose pipe closes then, and with the namespace: as soon as nothing but itself keeps it alive.
 */

import { leave } from '../../linux/leave.ts';
import { currentNamespace, findOthersWay, leadsTo } from '../../linux/namespace.ts';
import { createDialer } from '../dial.ts';
import { createDirectPath } from '../direct/path.ts';
import { createLooks } from '../looks.ts';
import { createProber } from '../probe.ts';
import { createRoots } from '../tls.ts';
import { decodeOrder, eachLine, encodeReport, fileThreads } from './protocol.ts';
import { createRounds } from './rounds.ts';

/** Directories that may hang at a time. */
const mostHung = fileThreads - 8;
/** The daemon expects to hear something as often (checker.ts). */
const lookAroundMilliseconds = 1000;
/** What happens within so short a time is reported at once: each write has its price. */
const sayMilliseconds = 5;

function main(argv: readonly string[]): void {
  const namespace = Number(argv[0]);
  // By the time it got here the way may have led elsewhere.
  if (namespace !== currentNamespace()) return;
  const direct = createDirectPath((line) => process.stderr.write(`checker: ${line}\n`));
  let said = '';
  const say = (): void => {
    process.stdout.write(said);
    said = '';
  };
  const directJobs = new Set<string>();
  const looks = createLooks(mostHung);
  const rounds = createRounds(
    createProber({ dialer: createDialer(direct), roots: createRoots(looks), looks }),
    (id, outcome) => {
      if (said === '') setTimeout(say, sayMilliseconds);
      said += encodeReport({ id, outcome });
    },
  );
  let way: string | undefined;
  const lookAround = setInterval(() => {
    process.stdout.write('\n');
    if (way === undefined || !leadsTo(way, namespace)) way = findOthersWay(namespace);
    if (way === undefined) stop();
  }, lookAroundMilliseconds);
  const stop = (): void => {
    clearInterval(lookAround);
    rounds.close();
    direct.close();
    void leave(0);
  };
  process.stdout.on('error', stop); // the daemon has gone
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  eachLine(process.stdin, (line) => {
    const { begin, end } = decodeOrder(line);
    for (const id of end) {
      rounds.end(id);
      directJobs.delete(id);
    }
    for (const { id, target } of begin) if (target.via === 'dr') directJobs.add(id);
    if (directJobs.size > 0) direct.open();
    else direct.close();
    for (const job of begin) rounds.begin(job);
  });
  process.stdin.once('end', stop).once('error', stop);
}

main(process.argv.slice(2));
