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

/** What another host says of itself, or why it says nothing. */
export type OtherReport = { readonly host: string } & (
  | { readonly report: Report }
  | { readonly failure: string }
);

export type WholeReport = Report & { readonly others?: readonly OtherReport[] };

/** 0 healthy, 1 something was found, 2 there was nothing that could be examined. */
export function exitCodeOf({ findings, vips, others = [] }: WholeReport): 0 | 1 | 2 {
  const everywhere = [...findings, ...others.flatMap((one) => ('report' in one ? one.report.findings : []))];
  if (everywhere.length > 0) return 1;
  return vips.length === 0 || others.some((one) => 'failure' in one) ? 2 : 0;
}

export function renderReport(report: WholeReport): string {
  const { others = [] } = report;
  return [renderOne(report), ...others.map(renderOther)].join('\n');
}

function renderOther(other: OtherReport): string {
  return 'failure' in other
    ? `${other.host}: cannot tell: ${other.failure}\n`
    : `${other.host}:\n${renderOne(other.report)}`;
}

function renderOne({ findings, remarks, vips }: Report): string {
  return [
    ...findings.flatMap((finding) => [renderFinding(finding), '']),
    ...remarks.map(remarkLine),
    closing(findings.length, vips),
    '',
  ].join('\n');
}

function remarkLine({ what, why }: Remark): string {
  return `cannot tell: ${what}: ${why}`;
}

function closing(count: number, vips: readonly Address[]): string {
  if (count > 0) return `${count} ${count === 1 ? 'finding' : 'findings'}`;
  return vips.length > 0 ? `healthy: ${vips.join(', ')}` : 'nothing to examine';
}

/** What has come and what has gone since the report before; nothing where that is nothing. */
export function renderChanges(before: WholeReport, after: WholeReport, at: Date): string {
  const time = at.toTimeString().slice(0, 8);
  const [old, fresh] = [allFindings(before), allFindings(after)];
  const lost = silencesOf(after);
  const come = [...fresh].filter(([key]) => !old.has(key)).map(([, { finding }]) => renderFinding(finding));
  const gone = [...old]
    .filter(([key, { where }]) => !fresh.has(key) && !lost.has(where))
    .map(([, { finding }]) => `${finding.code}: ${finding.problem}`);
  const silent = [...lost].filter(([where]) => !silencesOf(before).has(where)).map(([, why]) => why);
  return [
    ...come.map((text) => `${time} found ${text}\n`),
    ...gone.map((text) => `${time} gone  ${text}\n`),
    ...silent.map((text) => `${time} ${text}\n`),
  ].join('');
}

/** By where: here is ''. What cannot be examined is not mended. */
function silencesOf({ vips, remarks, others = [] }: WholeReport): ReadonlyMap<string, string> {
  const why = remarks.map(remarkLine).join('; ') || 'nothing to examine';
  return new Map([
    ...(vips.length === 0 ? [['', why] as const] : []),
    ...others.flatMap((one) =>
      'failure' in one ? [[one.host, `${one.host}: cannot tell: ${one.failure}`] as const] : [],
    ),
  ]);
}

type Placed = { readonly where: string; readonly finding: Finding };

/** A finding is the same as long as code and host are. */
function allFindings({ findings, others = [] }: WholeReport): ReadonlyMap<string, Placed> {
  const places = [
    { where: '', findings },
    ...others.flatMap((one) => ('report' in one ? [{ where: one.host, findings: one.report.findings }] : [])),
  ];
  return new Map(
    places.flatMap(({ where, findings }) =>
      findings.map((finding) => {
        const { code, host, vip } = finding;
        const key = [where, code, vip, host.role, host.address, host.mac, host.interface].join(' ');
        return [key, { where, finding }] as const;
      }),
    ),
  );
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
  return [
    ...(commands.length > 0 ? [where, ...commands.map((command) => `  ${command}`)] : []),
    ...(note === undefined ? [] : [commands.length > 0 ? `(${note})` : note]),
    ...also.flatMap(cureLines),
  ];
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `  ${(at === 0 ? label : '').padEnd(9)} ${line}`);
}
