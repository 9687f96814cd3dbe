/** Conditional requests (RFC 9110, 13) by the ETag of the configuration: who changes what another has changed meanwhile is told. */

import { FairleadError } from '../ipvs/errors.ts';

type Fields = { readonly 'if-match'?: string | undefined; readonly 'if-none-match'?: string | undefined };

/** Throws CONFIGURATION_CHANGED where a change was to be made to another configuration than there is. */
export function checkIfMatch({ 'if-match': wanted }: Fields, tag: () => string): void {
  if (wanted === undefined || wanted.trim() === '*') return;
  if (!tagsOf(wanted).includes(tag())) throw new FairleadError('CONFIGURATION_CHANGED');
}

/** Whether what a client has is what it would get. */
export function isKnown({ 'if-none-match': known }: Fields, tag: string): boolean {
  if (known === undefined) return false;
  return known.trim() === '*' || tagsOf(known.replaceAll('W/', '')).includes(tag);
}

/** A weak one (`W/`) is none that a change could go by. */
function tagsOf(list: string): readonly string[] {
  return list.split(',').map((each) => each.trim());
}
