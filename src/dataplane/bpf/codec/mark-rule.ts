/** Mark rules between the domain's words and the maps' struct. Pure. */

import { type Family, familyOf } from '../../../ipvs/address.ts';
import type { MarkRule, PortRange } from '../../../ipvs/mark-rule.ts';
import type { Prefix } from '../../../ipvs/prefix.ts';
import { FlMarkRuleFlag, type flMarkRule } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import {
  addressFromWords,
  addressToWords,
  firstWord,
  masked,
  maskToPrefix,
  prefixToMask,
  type Words,
} from './address.ts';
import { keyOf } from './key-of.ts';
import { protocolNumbers } from './service.ts';

const { FL_MARK_RULE_FINAL, FL_MARK_RULE_INTERFACE } = FlMarkRuleFlag;
const anyPort: PortRange = { first: 0, last: 0xffff };

/** `interfaceIndex` is what the rule's interface has by name, where it names one. */
export function encodeMarkRule(rule: MarkRule, interfaceIndex: number): Decoded<typeof flMarkRule> {
  const target = encodePrefix(rule.target);
  const source = encodePrefix(rule.source);
  const targetPorts = rule.targetPorts ?? anyPort;
  const sourcePorts = rule.sourcePorts ?? anyPort;
  return {
    target: target.address,
    targetMask: target.mask,
    source: source.address,
    sourceMask: source.mask,
    value: rule.value,
    mask: rule.mask,
    interface: interfaceIndex,
    portFirst: targetPorts.first,
    portLast: targetPorts.last,
    sourcePortFirst: sourcePorts.first,
    sourcePortLast: sourcePorts.last,
    protocol: rule.protocol ? protocolNumbers[rule.protocol] : 0,
    family: rule.family,
    flags:
      (rule.interface === undefined ? 0 : FL_MARK_RULE_INTERFACE) | (rule.final ? FL_MARK_RULE_FINAL : 0),
    pad: 0,
  };
}

/** What fits everything is left out, as if it had not been said. */
export function decodeMarkRule(
  rule: Decoded<typeof flMarkRule>,
  interfaceName: (index: number) => string,
): MarkRule {
  const family = rule.family as Family;
  const target = decodePrefix(family, rule.target, rule.targetMask);
  const source = decodePrefix(family, rule.source, rule.sourceMask);
  const targetPorts = decodePorts(rule.portFirst, rule.portLast);
  const sourcePorts = decodePorts(rule.sourcePortFirst, rule.sourcePortLast);
  const named = (rule.flags & FL_MARK_RULE_INTERFACE) !== 0;
  return {
    family,
    ...(rule.protocol === 0 ? {} : { protocol: keyOf(protocolNumbers, rule.protocol, 'protocol') }),
    ...(target && { target }),
    ...(source && { source }),
    ...(targetPorts && { targetPorts }),
    ...(sourcePorts && { sourcePorts }),
    ...(named ? { interface: interfaceName(rule.interface) } : {}),
    value: rule.value,
    mask: rule.mask,
    final: (rule.flags & FL_MARK_RULE_FINAL) !== 0,
  };
}

function encodePrefix(prefix: Prefix | undefined): { readonly address: Words; readonly mask: Words } {
  if (!prefix) return { address: firstWord(0), mask: firstWord(0) };
  const mask = prefixToMask(familyOf(prefix.address), prefix.length);
  return { address: masked(addressToWords(prefix.address), mask), mask };
}

function decodePrefix(family: Family, address: Words, mask: Words): Prefix | undefined {
  const length = maskToPrefix(mask);
  return length === 0 ? undefined : { address: addressFromWords(family, address), length };
}

function decodePorts(first: number, last: number): PortRange | undefined {
  return first === anyPort.first && last === anyPort.last ? undefined : { first, last };
}
