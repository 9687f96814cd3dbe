#!/usr/bin/env node
/** Makes package-lock.json fit for every machine after npm has rewritten it: `npm run lock`. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { missingPlatforms } from './lib/lockfile.mjs';
import { root } from './lib/run.mjs';

const path = join(root, 'package-lock.json');
const lockfile = JSON.parse(readFileSync(path, 'utf8'));
const { '': project, ...packages } = { ...lockfile.packages, ...missingPlatforms(lockfile.packages) };
for (const entry of Object.values(packages)) delete entry.resolved;
// In npm's own order, so that npm has nothing to rearrange.
const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
lockfile.packages = { '': project, ...Object.fromEntries(sorted) };
writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`);
