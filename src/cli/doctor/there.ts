/** The examination of a real server, run there by the system's ssh. */

import type { OtherReport, Report } from '../../doctor/report.ts';
import { endpointText } from '../../ipvs/address.ts';
import { type SshOptions, sshShell, Unreachable } from '../../realserver/push/ssh.ts';
import type { Expected } from './here.ts';

/** EX_UNAVAILABLE of sysexits(3): nothing else that runs there ends so. */
const notInstalled = 69;

/** Never throws for what happens there: what keeps a host from answering is the answer. */
export async function examineThere(
  host: string,
  { vips, services }: Expected,
  options: SshOptions,
): Promise<OtherReport> {
  const words = [
    ...vips.flatMap((vip) => ['--vip', vip]),
    ...services.flatMap(({ protocol, vip, port }) => ['--service', `${protocol}:${endpointText(vip, port)}`]),
  ];
  const script = [
    'PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin',
    `command -v fairlead >/dev/null || exit ${notInstalled}`,
    `exec fairlead doctor --json --on realserver ${words.map((word) => `'${word}'`).join(' ')}`,
  ].join('\n');
  try {
    const { code, stdout, stderr } = await sshShell(host, options)(script);
    if (code === notInstalled) return { host, failure: 'fairlead is not installed there' };
    const report = reportIn(stdout);
    if (report) return { host, report };
    const said = stderr.trim().split('\n').at(-1);
    return { host, failure: said || `it answers no report (exit code ${code})` };
  } catch (error) {
    if (error instanceof Unreachable) return { host, failure: error.message };
    throw error;
  }
}

function reportIn(text: string): Report | undefined {
  try {
    const value = JSON.parse(text) as Partial<Report>;
    return Array.isArray(value.findings) && Array.isArray(value.vips) ? (value as Report) : undefined;
  } catch {
    return undefined;
  }
}
