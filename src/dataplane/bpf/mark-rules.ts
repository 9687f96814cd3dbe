/** Mark rules by the names of interfaces, which the programs know by index. */

import { FairleadError } from '../../ipvs/errors.ts';
import type { InterfaceStatus } from '../../ipvs/interface.ts';
import type { DataPlane } from '../dataplane.ts';
import { decodeMarkRule, encodeMarkRule } from './codec/mark-rule.ts';
import type { Table } from './table/table.ts';

export function createMarkRules(
  table: Pick<Table, 'markRules' | 'setMarkRules'>,
  interfaces: { status(): readonly InterfaceStatus[] },
): Pick<DataPlane, 'markRules' | 'setMarkRules'> {
  /** One that has gone keeps its number, so that the rules around its own can be changed. */
  const indexOf = (name: string): number => {
    if (/^#[1-9]\d{0,8}$/.test(name)) return Number(name.slice(1));
    const found = interfaces.status().find((known) => known.name === name);
    if (!found) throw new FairleadError('INTERFACE_NOT_FOUND', name);
    return found.index;
  };
  /** An interface that has gone is named by its number. */
  const nameOf = (index: number): string =>
    interfaces.status().find((known) => known.index === index)?.name ?? `#${index}`;
  return {
    markRules: () => table.markRules().map((rule) => decodeMarkRule(rule, nameOf)),
    setMarkRules: (rules) =>
      table.setMarkRules(
        rules.map((rule) => encodeMarkRule(rule, rule.interface === undefined ? 0 : indexOf(rule.interface))),
      ),
  };
}
