import { expect, test } from 'vitest';
import { parseFeatures } from './features.ts';
import { generateCase } from './generate/steps.ts';
import { shrink } from './shrink.ts';
import type { Case } from './step.ts';

const everything = { packets: 400, features: parseFeatures('all') };

test('what is left of a long case is what its failure needs', () => {
  // Fails at the second datagram, once there is a service.
  const fails = ({ steps }: Case): number | undefined => {
    let [services, datagrams] = [0, 0];
    for (const [index, step] of steps.entries()) {
      if (step.do === 'add-service') services++;
      if (step.do === 'packet' && step.packet.kind === 'udp' && ++datagrams === 2 && services > 0)
        return index;
    }
    return undefined;
  };
  const long = generateCase('7', everything);
  expect(fails(long)).toBeGreaterThan(5);
  const short = shrink(long, fails);
  expect(short.steps.map((step) => step.do).sort()).toEqual(['add-service', 'packet', 'packet']);
  expect(short.hook).toBe('tc');
  for (const step of short.steps) {
    if (step.do === 'packet') expect(Object.keys(step.packet).sort()).toEqual(['from', 'kind', 'to']);
    if (step.do === 'add-service')
      expect(step.service).toMatchObject({ scheduler: 'rr', flags: [], persistent: 0 });
  }
});

test('a case that does not fail stays as it is, and the budget is kept', () => {
  const long = generateCase('8', everything);
  expect(shrink(long, () => undefined)).toBe(long);
  let asked = 0;
  const always = ({ steps }: Case): number | undefined => {
    asked++;
    return steps.length > 3 ? steps.length - 1 : undefined;
  };
  shrink(long, always, 50);
  expect(asked).toBeLessThanOrEqual(50);
});
