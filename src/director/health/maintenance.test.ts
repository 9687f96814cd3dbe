import { describe, expect, it } from 'vitest';
import { check, key, planOf, server, web, withWeb } from './health.fixture.ts';
import { createMaintenance } from './maintenance.ts';

const never = (): Promise<readonly string[]> => new Promise(() => {});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const rests = ({ restsBy }: ReturnType<typeof createMaintenance>) =>
  restsBy(planOf(web), server('10.0.0.11'));

/** Maintenance in directories that hold these files, and what it has said. */
function directories(reads: Readonly<Record<string, () => Promise<readonly string[]>>>) {
  const said: string[] = [];
  const asked: string[] = [];
  const maintenance = createMaintenance({
    read: (directory) => {
      asked.push(directory);
      return reads[directory]?.() ?? Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' }));
    },
    patience: turn,
    log: (line) => said.push(line),
  });
  return { maintenance, said, asked };
}

describe('a directory of maintenance', () => {
  it('is known when it is opened, if it was foreseen', async () => {
    const { maintenance } = directories({ '/m': () => Promise.resolve(['10.0.0.11']) });
    await maintenance.foresee('/m');
    maintenance.open('/m');
    expect(rests(maintenance)).toBe('/m/10.0.0.11');
    maintenance.open(undefined);
    expect(rests(maintenance)).toBeUndefined();
  });

  it('that does not answer is waited for only so long, and asked once', async () => {
    const { maintenance, said, asked } = directories({ '/hung': never });
    await maintenance.foresee('/hung');
    maintenance.open('/hung');
    expect(await maintenance.look()).toBe(false);
    expect(await maintenance.look()).toBe(false);
    expect(asked).toEqual(['/hung']);
    expect(said).toEqual(['maintenance: /hung does not answer; who was kept out is kept out']);
  });

  it('keeps those out that it kept out when it was last seen', async () => {
    let read = (): Promise<readonly string[]> => Promise.resolve(['10.0.0.11']);
    const { maintenance } = directories({ '/m': () => read() });
    maintenance.open('/m');
    expect(await maintenance.look()).toBe(true);
    read = never;
    void maintenance.look();
    await turn();
    expect(rests(maintenance)).toBe('/m/10.0.0.11');
  });

  it('is empty where it is not there, and as it was where it cannot be read, which is said once', async () => {
    let error = Object.assign(new Error('no right to it'), { code: 'EACCES' });
    let read = (): Promise<readonly string[]> => Promise.resolve(['10.0.0.11']);
    const { maintenance, said } = directories({ '/m': () => read() });
    maintenance.open('/m');
    await maintenance.look();
    read = () => Promise.reject(error);
    expect([await maintenance.look(), await maintenance.look()]).toEqual([false, false]);
    expect(said).toEqual(['maintenance: no right to it']);
    error = Object.assign(new Error('gone'), { code: 'ENOENT' });
    expect(await maintenance.look()).toBe(true);
    expect(rests(maintenance)).toBeUndefined();
  });

  it('has changed where somebody who foresees a plan has seen the change first', async () => {
    let names: readonly string[] = [];
    const { maintenance } = directories({ '/m': () => Promise.resolve(names) });
    maintenance.open('/m');
    await maintenance.look();
    names = ['10.0.0.11'];
    await maintenance.foresee('/m');
    expect([await maintenance.look(), await maintenance.look()]).toEqual([true, false]);
  });

  it('leaves threads to others, however many of them hang', async () => {
    const { maintenance, asked } = directories({ '/1': never, '/2': never, '/3': never });
    for (const each of ['/1', '/2', '/3']) {
      await maintenance.foresee(each);
      maintenance.open(each);
      void maintenance.look();
    }
    expect(asked).toEqual(['/1', '/2']);
  });
});

describe('a daemon whose directory of maintenance', () => {
  const plan = (directory: string) => ({
    ...{ checks: [check], services: [planOf(web)], maintenance: directory },
  });

  it('has a file for a real server keeps that out from the next tick on', async () => {
    const daemon = withWeb();
    daemon.health.replacePlan(plan('/m'));
    daemon.files.read = () => Promise.resolve(['10.0.0.12']);
    daemon.health.tick();
    await turn();
    daemon.health.tick();
    expect(daemon.table()).toBe('11=1 12=0');
  });

  it('has a file that a plan has foreseen keeps the real server out, though that plan is refused', async () => {
    const daemon = withWeb();
    daemon.health.replacePlan(plan('/m'));
    daemon.health.tick();
    await turn();
    daemon.files.read = () => Promise.resolve(['10.0.0.12']);
    await daemon.health.foresee(plan('/m'));
    const refused = () =>
      daemon.health.transaction(0, () => {
        daemon.health.replacePlan(plan('/m'));
        throw new Error('refused');
      });
    expect(refused).toThrow('refused');
    daemon.health.tick();
    await turn();
    daemon.health.tick();
    expect(daemon.table()).toBe('11=1 12=0');
  });

  it('does not answer goes on with everything else', async () => {
    const daemon = withWeb();
    daemon.files.read = never;
    await daemon.health.foresee(plan('/hung'));
    daemon.health.replacePlan(plan('/hung'));
    daemon.health.tick();
    daemon.answer('10.0.0.12', false, 3);
    expect(daemon.table()).toBe('11=1');
    daemon.health.tick();
    daemon.health.wishes.editDestination(key(web), server('10.0.0.11', 7));
    expect(daemon.table()).toBe('11=7');
  });
});
