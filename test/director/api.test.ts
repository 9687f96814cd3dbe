/** Requests that do not fit the API are refused, never made to fit. */

import { beforeEach, expect, test } from 'vitest';
import { socketPath } from '../../src/api/paths.ts';
import { command } from './segment.ts';
import { createNamespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const thresholds = { upperThreshold: 0, lowerThreshold: 0 };
const destination = { address: '10.0.0.12', port: 80, method: 'gate', weight: 1, ...thresholds };

test('a body of other types, with other fields or without its own is refused, and nothing changes', async () => {
  const namespace = await createNamespace('api');
  await command(namespace, '-A -t 10.0.0.100:80 -s rr');
  const before = await namespace.ipvsadm('-Ln');
  const bodies = [
    { ...destination, weight: null },
    { ...destination, weight: '1' },
    { ...destination, port: true },
    { ...destination, upperThreshold: -1 },
    { ...destination, method: 'local' },
    { ...destination, address: '10.0.0' },
    { ...destination, address: 'fe80::1%eth0' },
    { ...destination, tunnel: { type: 'ipip' } },
    { ...destination, color: 'red' },
    { address: '10.0.0.12', port: 80, method: 'gate', weight: 1 },
  ];
  for (const body of bodies) {
    const answer = await namespace.must(
      ...['curl', '-sm', '5', '--unix-socket', socketPath(namespace.inode)],
      ...['-H', 'content-type: application/json', '-d', JSON.stringify(body)],
      'http://director/v1/services/tcp:10.0.0.100:80/destinations',
    );
    expect(JSON.parse(answer)).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  }
  expect(await namespace.ipvsadm('-Ln')).toEqual(before);
});
