import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute paths of what the scripts read and write. Everything written is git-ignored. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const out = path.join(root, 'test/out');
export const hostsFolder = path.join(root, '.hosts');
export const sampleWorkspace = path.join(root, 'test/fixtures/sample-workspace');

/** A package's script or program inside node_modules. */
export const inModules = (...parts) => path.join(root, 'node_modules', ...parts);
