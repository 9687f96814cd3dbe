import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { metricsList } from './page.ts';
import { metrics, wantedGroups } from './table.ts';

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

describe('the table of metrics', () => {
  it('is documented, row by row', () => {
    expect(page).toContain(metricsList(metrics));
  });

  it('has each name once, and all of them by the conventions of Prometheus', () => {
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    for (const { name, type, labels, help } of metrics) {
      expect(name).toMatch(/^(fairlead|process|nodejs)_[a-z_]+[a-z]$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(name.endsWith('_info'), name).toBe(type === 'info');
      expect(
        labels.every((label) => /^[a-z]+$/.test(label)),
        name,
      ).toBe(true);
      expect(help, name).toMatch(/\.$/);
    }
  });
});

describe('collect[]', () => {
  it('asks for some groups, for all of them where it is not there, and for nothing that does not exist', () => {
    expect(wantedGroups(['services', 'daemon'])).toEqual({ groups: new Set(['daemon', 'services']) });
    expect(wantedGroups([])).toMatchObject({ groups: { size: 7 } });
    expect(wantedGroups(['services', 'all'])).toEqual({ unknown: 'all' });
  });
});
