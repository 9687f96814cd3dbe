/** Wires that come and go: many in one process, as the benchmark makes them, and several at once. */

import { beforeEach, expect, test } from 'vitest';
import { currentNamespace } from '../../src/linux/namespace.ts';
import { obstacle } from './privileged.ts';
import { createWire } from './wire.ts';

const reason = obstacle();
beforeEach((context) => context.skip(reason !== undefined, reason));

test('a wire that was removed leaves nothing to be done when the process ends', () => {
  const before = process.listenerCount('exit');
  createWire().remove();
  expect(process.listenerCount('exit')).toBe(before);
});

test('within an action on one wire, an action on another one is in that one, and back again', () => {
  const [one, other] = [createWire(), createWire()];
  try {
    const namespaces = [one, other].map((wire) => wire.inside(currentNamespace));
    const met = one.inside(() => [
      other.inside(() => [currentNamespace(), one.inside(currentNamespace)]),
      currentNamespace(),
    ]);
    expect(met).toEqual([[namespaces[1], namespaces[0]], namespaces[0]]);
  } finally {
    one.remove();
    other.remove();
  }
});
