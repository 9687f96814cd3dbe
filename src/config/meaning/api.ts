/** Listeners of the API. */

import {
  type ApiListener,
  type ApiSettings,
  closedApi,
  listenerProblem,
  listenerText,
  maxListeners,
  type TlsFiles,
} from '../../ipvs/listener.ts';
import type { Path, Report } from '../problem.ts';
import type { ApiEntry } from '../schema/api.ts';
import { endpointOf } from './endpoint.ts';

/** What is left out is at its default: without `listen` there is the unix socket alone. */
export function readApi({ listen = [], tokens, rate }: ApiEntry, report: Report): ApiSettings {
  const seen = new Map<string, Path>();
  if (listen.length > maxListeners)
    report({ path: ['api', 'listen'], message: `${listen.length} listeners: there can be ${maxListeners}` });
  const listeners = listen.flatMap((entry, index): readonly ApiListener[] => {
    const path = ['api', 'listen', index];
    const listener = readListener(entry, path, report);
    if (!listener) return [];
    const text = listenerText(listener);
    const other = seen.get(text);
    if (other) report({ path, message: `${text} stands here a second time`, other });
    seen.set(text, path);
    return [listener];
  });
  return { listeners, tokens: tokens ?? closedApi.tokens, rate: rate ?? closedApi.rate };
}

type ListenerEntry = NonNullable<ApiEntry['listen']>[number];

function readListener(entry: ListenerEntry, path: Path, report: Report): ApiListener | undefined {
  const endpoint = endpointOf(entry.address, [...path, 'address'], report);
  const tls = readTls(entry, path, report);
  if (!endpoint || tls === 'half') return undefined;
  const listener: ApiListener = {
    ...endpoint,
    place: entry.place ?? 'namespace',
    ...(tls && { tls }),
    ...(entry.plain_text && { plainText: true }),
  };
  const problem = listenerProblem(listener);
  if (problem !== undefined) report({ path, message: problem });
  return listener;
}

function readTls(
  { certificate, key, client_ca: clientCa }: ListenerEntry,
  path: Path,
  report: Report,
): TlsFiles | 'half' | undefined {
  if (certificate === undefined && key === undefined && clientCa === undefined) return undefined;
  if (certificate !== undefined && key !== undefined)
    return { certificate, key, ...(clientCa !== undefined && { clientCa }) };
  const missing = certificate === undefined ? 'certificate' : 'key';
  report({ path, message: `\`${missing}\` is missing: TLS needs both \`certificate\` and \`key\`` });
  return 'half';
}
