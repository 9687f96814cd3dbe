import { expect, it } from 'vitest';
import { unitIn } from './unit.ts';

it.each([
  ['one hierarchy', '0::/system.slice/fairlead.service\n', 'fairlead.service'],
  [
    'several, of which one is systemd’s',
    '5:memory:/other.service\n1:name=systemd:/system.slice/system-fairlead.slice/fairlead@blue.service\n0::/\n',
    'fairlead@blue.service',
  ],
  ['a container in a service', '0::/system.slice/docker.service/fairlead.service/sub\n', 'fairlead.service'],
  ['no service', '1:name=systemd:/user.slice/session-1.scope\n0::/\n', undefined],
])('the unit of a process: %s', (_, text, unit) => {
  expect(unitIn(text)).toBe(unit);
});
