/** What `fairlead import` does. */

import type { Imported } from '../../config/import/imported.ts';
import { importKeepalived } from '../../config/import/keepalived/keepalived.ts';
import { importLdirectord } from '../../config/import/ldirectord/ldirectord.ts';
import { renderFile } from '../../config/render.ts';
import { createNames, systemSources } from '../../ipvsadm/names.ts';
import { importIpvsadm } from './from-ipvsadm.ts';
import { readText } from './load.ts';
import { sayProblems } from './result.ts';
import type { SourceFormat } from './source-format.ts';

/** A file of another program on standard output, and on standard error what could not be taken over. */
export async function importFile(path: string, format: SourceFormat | undefined): Promise<void> {
  const text = await readText(path);
  const found = format ?? formatOf(text);
  if (found === undefined) {
    process.stderr.write(
      `fairlead: ${path}: neither keepalived's, nor ldirectord's, nor ipvsadm's; say which with --from\n`,
    );
    process.exitCode = 1;
    return;
  }
  const { file, notes } = await importOf(found, text);
  const rendered = renderFile(file, [`From ${path === '-' ? 'standard input' : path}, by fairlead import.`]);
  process.stdout.write(rendered);
  const lines = notes.map(({ line, message }) => `${path}:${line}: not taken over: ${message}\n`);
  process.stderr.write(lines.join(''));
  sayProblems(rendered, 'what was made of it is not right yet');
}

function importOf(format: SourceFormat, text: string): Imported | Promise<Imported> {
  switch (format) {
    case 'keepalived':
      return importKeepalived(text);
    case 'ldirectord':
      return importLdirectord(text);
    case 'ipvsadm':
      return importIpvsadm(text, createNames(systemSources));
  }
}

/** By what each of them cannot do without. */
function formatOf(text: string): SourceFormat | undefined {
  if (/^\s*virtual_server(_group)?\s/m.test(text)) return 'keepalived';
  if (/^virtual6?\s*=/m.test(text)) return 'ldirectord';
  return /^\s*(ipvsadm\s+)?(-A|--add-service)\s/m.test(text) ? 'ipvsadm' : undefined;
}
