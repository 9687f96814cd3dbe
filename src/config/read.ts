/** A configuration file from text to meaning: YAML, then its shape, then its sense. Pure. */

import type { Configuration } from './configuration.ts';
import { lookAcross } from './meaning/across.ts';
import { readApi } from './meaning/api.ts';
import { readChecks } from './meaning/checks.ts';
import { readServices } from './meaning/services.ts';
import { readMarks, readTimeouts, readVips } from './meaning/settings.ts';
import type { PlacedProblem, Problem } from './problem.ts';
import { type FileEntry, file } from './schema/file.ts';
import { type Schema, validate } from './validate.ts';
import { readYaml } from './yaml.ts';

export type ReadResult =
  | { readonly configuration: Configuration }
  /** In the order of the text; at least one. */
  | { readonly problems: readonly PlacedProblem[] };

/** An empty file asks for nothing, which is well. */
export function readConfiguration(text: string): ReadResult {
  const yaml = readYaml(text);
  if ('problems' in yaml) return yaml;
  if (yaml.value === null || yaml.value === undefined) return { configuration: { checks: [] } };
  const misshapen = validate(file as unknown as Schema, yaml.value);
  if (misshapen.length > 0) return { problems: yaml.place(misshapen) };
  const problems: Problem[] = [];
  const configuration = meaningOf(yaml.value as FileEntry, (problem) => problems.push(problem));
  return problems.length > 0 ? { problems: yaml.place(problems) } : { configuration };
}

/** Whether what a file holds makes sense, without the text and its places, which cost most where there is much of it. */
export function makesSense(entry: FileEntry): boolean {
  let isRight = true;
  meaningOf(entry, () => {
    isRight = false;
  });
  return isRight;
}

function meaningOf(entry: FileEntry, report: (problem: Problem) => void): Configuration {
  const checks = readChecks(entry.checks ?? {}, report);
  const services = entry.services && readServices(entry.services, checks, report);
  if (services) lookAcross(services, report);
  return {
    checks: checks.all,
    ...(services && { services: services.map(({ service }) => service) }),
    ...(entry.maintenance !== undefined && { maintenance: entry.maintenance }),
    ...(entry.vips && { vips: readVips(entry.vips, report) }),
    ...(entry.sysctls && { sysctls: entry.sysctls }),
    ...(entry.timeouts && { timeouts: readTimeouts(entry.timeouts, report) }),
    ...(entry.api && { api: readApi(entry.api, report) }),
    ...(entry.marks && { marks: readMarks(entry.marks, report) }),
  };
}
