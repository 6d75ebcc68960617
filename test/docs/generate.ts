/** Writes what is generated into README.md:  node_modules/node/bin/node test/docs/generate.ts  (after a build) */
import { readFileSync, writeFileSync } from 'node:fs';
import { ROOT, sections, withSections } from './sections.ts';

const file = `${ROOT}README.md`;
writeFileSync(file, withSections(readFileSync(file, 'utf8'), sections()));
