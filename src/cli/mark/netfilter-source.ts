/** What the tools of netfilter print in this network namespace: the rim of `fairlead mark import`. */

import { execFile } from 'node:child_process';
import { FairleadError } from '../../ipvs/errors.ts';
import { readIptables } from './iptables.ts';
import type { Hook } from './netfilter.ts';
import { readNft, ruleTexts } from './nft.ts';

/** Every hook that any tool which is installed knows of. Throws SYSTEM_CALL if none is, or one fails. */
export async function readNetfilter(): Promise<readonly Hook[]> {
  const ipv4 = await saved('iptables');
  const ipv6 = await saved('ip6tables');
  const [json, text] = [
    await output('nft', '-j', 'list', 'ruleset'),
    await output('nft', '-a', 'list', 'ruleset'),
  ];
  if (!ipv4 && !ipv6 && !json)
    throw new FairleadError('SYSTEM_CALL', 'neither iptables-save nor nft is installed');
  const withoutIptables = [...(ipv4 ?? []), ...(ipv6 ?? [])].some((one) => one.includes('(nf_tables)'));
  const texts = ruleTexts(text?.stdout ?? '');
  return [
    ...(ipv4 ?? []).map((one) => readIptables(one, 4)),
    ...(ipv6 ?? []).map((one) => readIptables(one, 6)),
    ...(json && json.stdout !== '' ? readNft(json.stdout, { texts, withoutIptables }) : []),
  ].filter((hook) => hook !== undefined);
}

/** What `iptables-save` prints, and its older sister where she has rules, too; `undefined` if it is not installed. */
async function saved(tool: 'iptables' | 'ip6tables'): Promise<readonly string[] | undefined> {
  const first = await output(`${tool}-save`, '-t', 'mangle');
  if (!first) return undefined;
  if (!first.stderr.includes('legacy tables present')) return [first.stdout];
  const legacy = await output(`${tool}-legacy-save`, '-t', 'mangle');
  return legacy ? [first.stdout, legacy.stdout] : [first.stdout];
}

type Output = { readonly stdout: string; readonly stderr: string };

const largestOutput = 256 << 20;

/** `undefined` if the program is not installed. */
async function output(program: string, ...args: readonly string[]): Promise<Output | undefined> {
  return await new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: largestOutput }, (error, stdout, stderr) => {
      if (!error) resolve({ stdout, stderr });
      else if ((error as NodeJS.ErrnoException).code === 'ENOENT') resolve(undefined);
      else reject(new FairleadError('SYSTEM_CALL', `${program}: ${stderr.trim() || error.message}`));
    });
  });
}
