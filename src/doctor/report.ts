/** What an examination came to: for scripts as data, for people as text. Pure. */

import type { Address } from '../ipvs/address.ts';
import type { Culprit, Cure, Finding, Remark } from './finding.ts';

export type Place = 'director' | 'realserver' | 'client';

export type Report = {
  readonly place: Place;
  /** What was examined: virtual addresses. */
  readonly vips: readonly Address[];
  readonly findings: readonly Finding[];
  /** What could not be told; that alone makes nobody ill. */
  readonly remarks: readonly Remark[];
};

/** 0 healthy, 1 something was found, 2 there was nothing that could be examined. */
export function exitCodeOf({ findings, vips }: Report): 0 | 1 | 2 {
  if (findings.length > 0) return 1;
  return vips.length === 0 ? 2 : 0;
}

export function renderReport(report: Report): string {
  const { findings, remarks, vips } = report;
  const close =
    findings.length > 0
      ? `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`
      : vips.length > 0
        ? `healthy: ${vips.join(', ')}`
        : 'nothing to examine';
  return [
    ...findings.flatMap((finding) => [renderFinding(finding), '']),
    ...remarks.map(({ what, why }) => `cannot tell: ${what}: ${why}`),
    close,
    '',
  ].join('\n');
}

function renderFinding({ code, problem, evidence, host, breaks, cure, page, services }: Finding): string {
  return [
    `${code}: ${problem}`,
    `  where     ${hostText(host)}`,
    ...(services && services.length > 0 ? [`  services  ${services.join(' ')}`] : []),
    ...labelled('evidence', evidence),
    `  breaks    ${breaks}`,
    ...labelled(`cure`, cureLines(cure)),
    `  more      ${page}`,
  ].join('\n');
}

function hostText({ role, address, mac, interface: name }: Culprit): string {
  return [role, address, mac && `(${mac})`, name].filter(Boolean).join(' ');
}

function cureLines({ on, host, commands, note, also = [] }: Cure): readonly string[] {
  const where = host === undefined ? `on the ${on}:` : `on the ${on} ${host}:`;
  const here = [
    where,
    ...commands.map((command) => `  ${command}`),
    ...(note === undefined ? [] : [`(${note})`]),
  ];
  return [...here, ...also.flatMap(cureLines)];
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `  ${(at === 0 ? label : '').padEnd(9)} ${line}`);
}
