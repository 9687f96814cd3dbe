/** The examination of a real server, run there by the system's ssh. */

import type { OtherReport, Report } from '../../doctor/report.ts';
import { endpointText } from '../../ipvs/address.ts';
import { runProgram } from '../../linux/program.ts';
import type { Expected } from './here.ts';

const sshOptions = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=5'];
const noSuchProgram = 127;
const sshFailed = 255;

/** Never throws: what keeps a host from answering is the answer. */
export async function examineThere(host: string, { vips, services }: Expected): Promise<OtherReport> {
  const words = [
    ...['fairlead', 'doctor', '--json', '--on', 'realserver'],
    ...vips.flatMap((vip) => ['--vip', vip]),
    ...services.flatMap(({ protocol, vip, port }) => ['--service', `${protocol}:${endpointText(vip, port)}`]),
  ];
  // The other side's shell reads it: square brackets are its, too.
  const line = words.map((word) => `'${word}'`).join(' ');
  const { code, stdout, stderr } = await runProgram(['ssh', ...sshOptions, '--', host, line]);
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (code === sshFailed) return { host, failure: `ssh: ${said}` };
  if (code === noSuchProgram)
    return {
      host,
      failure: stderr.includes('ssh ENOENT')
        ? 'ssh is not installed here'
        : 'fairlead is not installed there',
    };
  const report = reportIn(stdout);
  return report ? { host, report } : { host, failure: said || `it answers no report (exit code ${code})` };
}

function reportIn(text: string): Report | undefined {
  try {
    const value = JSON.parse(text) as Partial<Report>;
    return Array.isArray(value.findings) && Array.isArray(value.vips) ? (value as Report) : undefined;
  } catch {
    return undefined;
  }
}
