/** Where this checkout or installation lives. The code runs from src/, or bundled from dist/. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest directory upwards that holds a package.json. */
export const packageRoot = nearest(dirname(fileURLToPath(import.meta.url)));

/** Holds `fairlead` and `ipvsadm`. */
export const binDirectory = join(packageRoot, 'bin');

function nearest(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
  return nearest(parent);
}
