import { describe, expect, it } from 'vitest';
import { schemas } from './schemas.ts';
import { validatorOf } from './validator.ts';

const settings = { scheduler: 'rr', flags: [], persistent: 0, netmask: 0, onePacket: false };
const web = { kind: 'address', protocol: 'tcp', address: '10.0.0.100', port: 80, ...settings };

describe('what a client sends', () => {
  const addService = validatorOf({ schema: schemas.addService.body, httpPart: 'body' });

  it.each([
    ['by IPv4 address', web],
    ['by IPv6 address', { ...web, address: '2001:db8::100' }],
    ['by mark', { kind: 'mark', mark: 1, family: 4, ...settings }],
  ])('passes as it came where it fits: a service %s', (_, body) => {
    expect(addService(body)).toEqual({ value: body });
  });

  it.each([
    [{ ...web, port: 70_000 }, 'body/port must be <= 65535'],
    [{ ...web, port: '80' }, 'body/port must be integer'],
    [{ ...web, address: '10.0.0.256' }, 'body/address must match format "ipv4"'],
    [{ ...web, colour: 'red' }, 'body must not have additional properties'],
    [{ ...web, flags: ['flag-1', 'flag-1'] }, 'body/flags must not have duplicate items'],
    [{ kind: 'mark', mark: 0, family: 4, ...settings }, 'body/mark must be >= 1'],
    [null, 'body must be object'],
  ])('is refused where it does not, with what keeps it from fitting: %#', (body, sentence) => {
    expect(addService(body)).toEqual({ error: new Error(sentence) });
  });

  it('is found in the midst of a batch', () => {
    const batch = validatorOf({ schema: schemas.batch.body, httpPart: 'body' });
    const calls = [
      { route: 'addService', body: web },
      { route: 'addService', body: { ...web, persistent: -1 } },
    ];
    expect(batch(calls.slice(0, 1))).toEqual({ value: calls.slice(0, 1) });
    expect(batch(calls)).toEqual({ error: new Error('body/1/body/persistent must be >= 0') });
    const flush = { route: 'flush', body: {} };
    expect(batch([flush])).toEqual({ error: new Error('body/0 must not have additional properties') });
  });
});
