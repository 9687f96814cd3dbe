import { describe, expect, it } from 'vitest';
import { labelText, type Metric } from './metric.ts';
import type { Snapshot } from './snapshot.ts';
import { metricsText, wantedFormat } from './text.ts';

const row = { group: 'daemon', unit: 'bytes', labels: ['path'], help: 'What is "here" \\ there.' } as const;
const metrics: readonly Metric[] = [
  {
    ...row,
    name: 'some_bytes_total',
    type: 'counter',
    samples: () => [
      { value: 2 ** 53 - 1, labels: labelText({ path: 'a "b"\\\n' }) },
      { value: 0.5, labels: '{path=""}' },
    ],
  },
  { ...row, name: 'absent_bytes', type: 'gauge', samples: () => [] },
  { ...row, name: 'build_info', type: 'info', unit: 'info', samples: () => [{ value: 1 }] },
  {
    ...row,
    name: 'odd_ratio',
    type: 'gauge',
    unit: 'bytes',
    samples: () => [{ value: Number.NaN }, { value: -Infinity }],
  },
];
const written = (format: 'prometheus' | 'openmetrics'): string =>
  [...metricsText(metrics, {} as Snapshot, format)].join('');

describe('metrics as text', () => {
  it('are what the text format 0.0.4 says: quotation marks are escaped in labels alone', () => {
    expect(written('prometheus')).toBe(String.raw`# HELP some_bytes_total What is "here" \\ there.
# TYPE some_bytes_total counter
some_bytes_total{path="a \"b\"\\\n"} 9007199254740991
some_bytes_total{path=""} 0.5
# HELP build_info What is "here" \\ there.
# TYPE build_info gauge
build_info 1
# HELP odd_ratio What is "here" \\ there.
# TYPE odd_ratio gauge
odd_ratio NaN
odd_ratio -Inf
`);
  });

  it('are what OpenMetrics 1.0 says: families without suffixes, units that the name ends in, and an end', () => {
    expect(written('openmetrics')).toBe(String.raw`# TYPE some_bytes counter
# UNIT some_bytes bytes
# HELP some_bytes What is \"here\" \\ there.
some_bytes_total{path="a \"b\"\\\n"} 9007199254740991
some_bytes_total{path=""} 0.5
# TYPE build info
# HELP build What is \"here\" \\ there.
build_info 1
# TYPE odd_ratio gauge
# HELP odd_ratio What is \"here\" \\ there.
odd_ratio NaN
odd_ratio -Inf
# EOF
`);
  });
});

describe('the format', () => {
  const prometheus =
    'application/openmetrics-text;version=1.0.0;q=0.75,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.25,*/*;q=0.1';

  it('is the one that the client prefers, and the old one for whoever says nothing', () => {
    expect(wantedFormat(prometheus)).toBe('openmetrics');
    expect(wantedFormat('text/plain, application/openmetrics-text;q=0.5')).toBe('prometheus');
    expect(wantedFormat('application/openmetrics-text;q=0')).toBe('prometheus');
    expect(wantedFormat('*/*')).toBe('prometheus');
    expect(wantedFormat(undefined)).toBe('prometheus');
  });
});
