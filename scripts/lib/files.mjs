/** Lists the project's own files. */

import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

import { root } from './run.mjs';

/**
 * Every file under some folders of the checkout whose name matches, as sorted paths relative to it.
 * @param {readonly string[]} folders
 * @param {RegExp} name
 * @returns {string[]}
 */
export function listFiles(folders, name) {
  return folders
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}
