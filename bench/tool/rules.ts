/** Large tables as `ipvsadm -R` reads them. Pure. */

/** So many services by wlc with so many real servers each, all of them different. */
export function tableOf(services: number, servers: number): string {
  const lines: string[] = [];
  for (let service = 0; service < services; service++) {
    const name = `-t 10.${octets(service)}.1:80`;
    lines.push(`-A ${name} -s wlc`);
    for (let server = 0; server < servers; server++)
      lines.push(`-a ${name} -r ${addressOf(service * servers + server)}:80 -g -w 1`);
  }
  return `${lines.join('\n')}\n`;
}

/** 256 of them share the second octet. */
function octets(number: number): string {
  return `${number >>> 8}.${number & 0xff}`;
}

/** Within 172.16.0.0/12, from .1 on. */
function addressOf(number: number): string {
  const value = number + 1;
  return `172.${16 + (value >>> 16)}.${octets(value & 0xffff)}`;
}
