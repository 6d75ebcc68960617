import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Settings every profile gets, each because its absence disturbs a driven window. The caller's own win. */
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.reduceMotion': 'on',
  'workbench.hover.delay': 60_000, // a hover card swallows the next click
  'remote.autoForwardPorts': false, // its toast covers the chat input
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

/** Writes `User/settings.json` of a user-data folder. `trust: 'untrusted'` opens every workspace untrusted. */
export function writeProfile(userData, { settings = {}, trust = 'trusted' } = {}) {
  const folder = path.join(userData, 'User');
  mkdirSync(folder, { recursive: true });
  const trustSetting = { 'security.workspace.trust.enabled': trust === 'untrusted' };
  writeFileSync(
    path.join(folder, 'settings.json'),
    JSON.stringify({ ...quiet, ...trustSetting, ...settings }, null, 2),
  );
}
