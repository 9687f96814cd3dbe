/**
 * A frame in words: every field that a director could get wrong, and nothing that is left to chance. Pure.
 *
 * What is left out, here and nowhere else: the IP id of packets that the director makes itself (ICMP, tunnel
 * headers), and the source port of a GUE tunnel, which each kernel hashes with a secret of its own.
 */

import { createHash } from 'node:crypto';
import { guePorts, hostOfMac, ownAddresses } from '../network.ts';
import { isIpv6 } from '../scenario.ts';
import { addressText, macText } from './address.ts';
import { protocolNumbers, pseudoHeader, tcpFlags } from './build.ts';
import { crc32c, internetChecksum } from './checksum.ts';

const names: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(protocolNumbers).map(([name, number]) => [number, name]),
);
const tunnelProtocols: readonly number[] = [4, 41, 47];

/**
 * `rs1: 10.0.0.201:1024 > 10.0.0.100:80 tcp S …`; `undefined` for what is not IP to a host (ARP, ND, MLD). Without
 * `quotes`, of an ICMP error only what it is and between whom, where the packet it quotes may have been a fragment.
 */
export function describeFrame(frame: Buffer, quotes = true): string | undefined {
  const ethertype = frame.readUInt16BE(12);
  if ((frame[0] ?? 0) & 1 || (ethertype !== 0x0800 && ethertype !== 0x86dd)) return undefined;
  const ip = frame.subarray(14);
  if (ethertype === 0x86dd && ip[6] === 58 && (ip[40] ?? 0) >= 133 && (ip[40] ?? 0) <= 137) return undefined;
  const text = describeIp(ip, false);
  return `${hostOfMac(macText(frame.subarray(0, 6)))}: ${quotes ? text : text.replace(/ about \[.*$/, '')}`;
}

type Ip = {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly fields: readonly string[];
  /** Where the transport begins; a later fragment has none. */
  readonly content: Buffer;
  readonly offset: number;
};

const headerLength = { 4: 20, 6: 40 } as const;

/** `quoted`: inside an ICMP error, where the tail may be missing. */
function describeIp(bytes: Buffer, quoted: boolean): string {
  const version = (bytes[0] ?? 0) >> 4;
  if (version !== 4 && version !== 6) return `no IP: ${bytes.toString('hex')}`;
  if (bytes.length < headerLength[version]) return `cut short: ${bytes.toString('hex')}`;
  const ip = version === 4 ? readIpv4(bytes, quoted) : readIpv6(bytes);
  const { source, destination, protocol, fields, content, offset } = ip;
  if (offset > 0)
    return [`${source} > ${destination} proto ${protocol}`, ...fields, digest(content)].join(' ');
  return [describeTransport(ip, quoted), ...fields].join(' ');
}

function readIpv4(bytes: Buffer, quoted: boolean): Ip {
  const length = ((bytes[0] ?? 0) & 15) * 4;
  const total = bytes.readUInt16BE(2);
  const flags = bytes.readUInt16BE(6);
  const protocol = bytes.readUInt8(9);
  const source = addressText(bytes.subarray(12, 16));
  const offset = (flags & 0x1fff) * 8;
  const more = (flags & 0x2000) !== 0;
  const chosen =
    tunnelProtocols.includes(protocol) ||
    (ownAddresses.includes(source) && protocol !== 6 && !quoted) ||
    isGue(protocol, bytes.subarray(length));
  const fields = [
    `ttl ${bytes[8]} tos ${bytes[1]} total ${total}`,
    ...(chosen ? [] : [`id ${bytes.readUInt16BE(4)}`]),
    ...(flags & 0x4000 ? ['DF'] : []),
    ...(more || offset > 0 ? [`fragment ${offset}${more ? '+' : ''}`] : []),
    ...(length > 20 ? [`options ${bytes.subarray(20, length).toString('hex')}`] : []),
    ...(internetChecksum(bytes.subarray(0, length)) === 0 ? [] : ['BAD IP CHECKSUM']),
  ];
  const content = bytes.subarray(length, quoted ? bytes.length : total);
  return { source, destination: addressText(bytes.subarray(16, 20)), protocol, fields, content, offset };
}

function readIpv6(bytes: Buffer): Ip {
  const first = bytes.readUInt32BE(0);
  let [protocol, at, offset] = [bytes.readUInt8(6), 40, 0];
  const fields = [
    `hop limit ${bytes[7]} class ${(first >>> 20) & 0xff} flow ${first & 0xfffff} length ${bytes.readUInt16BE(4)}`,
  ];
  if (protocol === 44 && bytes.length >= 48) {
    offset = bytes.readUInt16BE(42) & ~7;
    fields.push(`fragment ${offset}${(bytes[43] ?? 0) & 1 ? '+' : ''}`);
    [protocol, at] = [bytes.readUInt8(40), 48];
  }
  const ends = {
    source: addressText(bytes.subarray(8, 24)),
    destination: addressText(bytes.subarray(24, 40)),
  };
  return { ...ends, protocol, fields, content: bytes.subarray(at), offset };
}

function isGue(protocol: number, content: Buffer): boolean {
  return protocol === 17 && content.length >= 4 && guePorts.includes(content.readUInt16BE(2));
}

function describeTransport(ip: Ip, quoted: boolean): string {
  const { protocol, content, source, destination, fields } = ip;
  const isFragment = fields.some((field) => field.startsWith('fragment'));
  const check = quoted || isFragment ? '' : checksumComplaint(ip);
  const name = names[protocol] ?? `proto ${protocol}`;
  if (protocol === 4 || protocol === 41)
    return `${source} > ${destination} tunnel [${describeIp(content, quoted)}]`;
  if (protocol === 47)
    return `${source} > ${destination} gre ${content.subarray(0, greLength(content)).toString('hex')} [${describeIp(content.subarray(greLength(content)), quoted)}]`;
  if (isGue(protocol, content) && !quoted) return describeGue(ip);
  if (protocol === 1 || protocol === 58) {
    const head = `${source} > ${destination} ${name} ${content[0]}/${content[1]} rest ${content.subarray(4, 8).toString('hex')}${check}`;
    const isError = protocol === 1 ? [3, 4, 5, 11, 12].includes(content[0] ?? 0) : (content[0] ?? 0) < 128;
    return isError
      ? `${head} about [${describeIp(content.subarray(8), true)}]`
      : `${head} ${digest(content.subarray(8))}`;
  }
  if (content.length < 8) return `${source} > ${destination} ${name} ${content.toString('hex')}`;
  const flow = `${flowEnd(source, content.readUInt16BE(0))} > ${flowEnd(destination, content.readUInt16BE(2))} ${name}`;
  return `${flow} ${transportFields(protocol, content)}${check}`;
}

function flowEnd(address: string, port: number): string {
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

function transportFields(protocol: number, content: Buffer): string {
  if (protocol !== 6 || content.length < 20) return digest(content.subarray(8));
  const bits = content.readUInt8(13);
  const flags = tcpFlags.filter((_, index) => bits & (1 << index)).join('') || 'none';
  const numbers = `seq ${content.readUInt32BE(4)} ack ${content.readUInt32BE(8)} window ${content.readUInt16BE(14)}`;
  return `${flags} ${numbers} ${digest(content.subarray(20))}`;
}

function greLength(content: Buffer): number {
  return (content[0] ?? 0) & 0x80 ? 8 : 4;
}

function describeGue({ source, destination, content }: Ip): string {
  const length = 4 + ((content[8] ?? 0) & 31) * 4;
  const gue = content.subarray(8, 8 + length).toString('hex');
  const sum = content.readUInt16BE(6) === 0 ? 'no checksum' : 'checksum';
  return `${source} > ${flowEnd(destination, content.readUInt16BE(2))} gue ${gue} ${sum} [${describeIp(content.subarray(8 + length), false)}]`;
}

/** Payload by its length and what it is made of. */
function digest(bytes: Buffer): string {
  const hash = bytes.length > 0 ? `:${createHash('sha1').update(bytes).digest('hex').slice(0, 6)}` : '';
  return `payload ${bytes.length}${hash}`;
}

function checksumComplaint({ source, destination, protocol, content }: Ip): string {
  return isRight(source, destination, protocol, content) ? '' : ' BAD CHECKSUM';
}

function isRight(source: string, destination: string, protocol: number, content: Buffer): boolean {
  switch (protocol) {
    case protocolNumbers.icmp:
      return internetChecksum(content) === 0;
    case protocolNumbers.udp:
      if (content.length >= 8 && content.readUInt16BE(6) === 0 && !isIpv6(source)) return true;
      return internetChecksum(pseudoHeader(source, destination, protocol, content.length), content) === 0;
    case protocolNumbers.tcp:
    case protocolNumbers.icmpv6:
      return internetChecksum(pseudoHeader(source, destination, protocol, content.length), content) === 0;
    case protocolNumbers.sctp: {
      if (content.length < 12) return true;
      const zeroed = Buffer.from(content);
      zeroed.writeUInt32LE(0, 8);
      return crc32c(zeroed) === content.readUInt32LE(8);
    }
    default:
      return true;
  }
}
