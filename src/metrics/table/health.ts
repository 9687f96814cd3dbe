/** What health checks say. Only services that are looked after have any of it. */

import { labelText, type Metric, type Sample, single } from '../metric.ts';
import type { Snapshot } from '../snapshot.ts';

type Service = Snapshot['health']['services'][number];
type Server = Service['servers'][number];
type Check = Server['checks'][number];

const group = 'health';

/** One value of each service. */
function ofService(row: Pick<Metric, 'name' | 'unit' | 'help'>, value: (service: Service) => number): Metric {
  return {
    ...row,
    ...{ type: 'gauge', group, labels: ['service'] },
    samples: ({ health }) =>
      health.services.map((each) => ({ value: value(each), labels: labelText({ service: each.service }) })),
  };
}

/** Samples of each check of each real server. */
function* ofChecks(
  { health }: Snapshot,
  samples: (check: Check, labels: Readonly<Record<string, string>>) => readonly Sample[],
): Generator<Sample> {
  for (const { service, servers } of health.services)
    for (const { server, checks } of servers)
      for (const check of checks) yield* samples(check, { service, server, check: check.name });
}

const states = ['up', 'starting', 'down', 'panic', 'disabled', 'maintenance', 'standby'] as const;

export const healthMetrics: readonly Metric[] = [
  {
    name: 'fairlead_server_up',
    type: 'gauge',
    group,
    unit: 'bool',
    help: 'Whether the checks of a real server say that it serves (1: up, starting or standby), or keep it out (0).',
    labels: ['service', 'server'],
    samples: function* ({ health }) {
      for (const { service, servers } of health.services)
        for (const { server, state } of servers)
          yield {
            value: ['up', 'starting', 'standby'].includes(state) ? 1 : 0,
            labels: labelText({ service, server }),
          };
    },
  },
  {
    name: 'fairlead_servers_by_state',
    type: 'gauge',
    group,
    unit: 'servers',
    help: 'Real servers that are looked after, by what they are: up, starting, down, panic, disabled, maintenance, standby.',
    labels: ['state'],
    samples: function* ({ health }) {
      const all = health.services.flatMap(({ servers }) => servers);
      for (const state of states)
        yield { value: all.filter((each) => each.state === state).length, labels: labelText({ state }) };
    },
  },
  ofService(
    {
      name: 'fairlead_service_quorum',
      unit: 'bool',
      help: 'Whether the real servers that are up have the weight that the service needs.',
    },
    ({ hasQuorum }) => (hasQuorum ? 1 : 0),
  ),
  ofService(
    {
      name: 'fairlead_service_healthy_weight',
      unit: 'weight',
      help: 'Weight of the real servers that are up.',
    },
    ({ weight }) => weight,
  ),
  ofService(
    {
      name: 'fairlead_service_needed_weight',
      unit: 'weight',
      help: 'Weight that the quorum of a service is.',
    },
    ({ needed }) => needed,
  ),
  ofService(
    { name: 'fairlead_service_sorry', unit: 'bool', help: 'Whether the sorry server serves.' },
    ({ isSorry }) => (isSorry ? 1 : 0),
  ),
  {
    name: 'fairlead_checks_total',
    type: 'counter',
    group,
    unit: 'checks',
    help: 'Answers of health checks since the daemon has been asking, by `result`: passed or failed.',
    labels: ['service', 'server', 'check', 'result'],
    samples: (snapshot) =>
      ofChecks(snapshot, ({ passed, failed }, labels) => [
        { value: passed, labels: labelText({ ...labels, result: 'passed' }) },
        { value: failed, labels: labelText({ ...labels, result: 'failed' }) },
      ]),
  },
  {
    name: 'fairlead_check_latency_seconds',
    type: 'gauge',
    group,
    unit: 'seconds',
    help: 'How long the last good answer of a check took to come.',
    labels: ['service', 'server', 'check'],
    samples: (snapshot) =>
      ofChecks(snapshot, ({ latencyMs }, labels) =>
        latencyMs === undefined ? [] : [{ value: latencyMs / 1000, labels: labelText(labels) }],
      ),
  },
  {
    name: 'fairlead_check_jobs',
    type: 'gauge',
    group,
    unit: 'jobs',
    help: 'Questions that are repeated; one that several services ask alike is asked once.',
    labels: [],
    samples: single(({ health }) => health.jobs),
  },
];
