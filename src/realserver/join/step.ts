/**
 * A real server is set up in steps, each of them lines of shell: what a person would type, how to see whether it is
 * needed, and how to find out what takes it back. The same steps are carried out here, printed, and sent to other
 * machines. Pure.
 */

import { createHash } from 'node:crypto';
import { type Address, familyOf } from '../../ipvs/address.ts';

export type Step = {
  /** What it changes; no other step has the same. One line, without tabs. */
  readonly key: string;
  /** Succeeds where everything is as it leaves it, and nothing is to be done. */
  readonly holds: string;
  /** What a person would type; lines, if need be. */
  readonly does: string;
  /**
   * Said before it is done, it prints the one line that brings back what is there now; it may use words of engine.sh.
   * Where it prints nothing, another step takes this one back.
   */
  readonly undo: string;
  /** Succeeds while it is still ours to undo, even where others have changed something about it; else `holds` says so. */
  readonly ours?: string;
};

/** A text as one word of shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text as a regular expression that fits it alone, in grep and awk, and that needs no backslash. */
export function literally(text: string): string {
  return text.replaceAll(/[.*+?$()|{}]/g, '[$&]');
}

/** `192.0.2.100/32` */
export function hostPrefix(vip: Address): string {
  return `${vip}/${familyOf(vip) === 4 ? 32 : 128}`;
}

/** sysctl(8) reads `/` where an interface's name has dots. */
export function sysctlName(device: string, name: string): string {
  const parts = ['net', 'ipv4', 'conf', device, name];
  return parts.join(device.includes('.') ? '/' : '.');
}

/** A kernel's setting. */
export function sysctlStep(name: string, value: number): Step {
  return {
    key: `sysctl ${name}`,
    holds: `[ "$(sysctl -n ${name})" = ${value} ]`,
    does: `sysctl -q -w ${name}=${value}`,
    undo: `was_setting ${name}`,
  };
}

/** What `sysctlStep` does, as a line of a file of sysctl.d(5). */
export function sysctlLine(name: string, value: number): string {
  return `${name} = ${value}`;
}

/** A file with this text. `then`: what has to hear of it. */
export function fileStep(path: string, text: string, then?: string): Step {
  const sum = createHash('sha256').update(text).digest('hex');
  return {
    key: `file ${path}`,
    holds: `sha256sum < ${path} | grep -q ^${sum}`,
    does: `cat > ${path} <<'END'\n${text}END${then === undefined ? '' : `\n${then}`}`,
    undo: `was_file ${path}${then === undefined ? '' : ` '${then}'`}`,
  };
}
