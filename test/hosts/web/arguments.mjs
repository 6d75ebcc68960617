import path from 'node:path';

/**
 * What the stand-in understands of VS Code's command line, as `runTests` of @vscode/test-electron fills it.
 * Unknown options are dropped, as Electron does: most of them only make sense there.
 */
export function parseArguments(argv) {
  const found = {
    folder: undefined,
    developmentPaths: [],
    testsPath: undefined,
    userData: undefined,
    extensions: undefined,
    debuggingPort: undefined,
  };
  for (const argument of argv) {
    const [name, value = ''] = argument.split(/=(.*)/s);
    if (name === '--extensionDevelopmentPath') found.developmentPaths.push(path.resolve(value));
    else if (name === '--extensionTestsPath') found.testsPath = path.resolve(value);
    else if (name === '--user-data-dir') found.userData = path.resolve(value);
    else if (name === '--extensions-dir') found.extensions = path.resolve(value);
    else if (name === '--remote-debugging-port') found.debuggingPort = Number(value);
    else if (!argument.startsWith('-')) found.folder = path.resolve(argument);
  }
  return found;
}

/** Query of the workbench page: the folder or .code-workspace file to open, the extensions under development, the suite. */
export function workbenchQuery({ folder, developmentPaths, testsPath }, authority) {
  const remote = (file) => `vscode-remote://${authority}${file}`;
  const payload = developmentPaths.map((file) => ['extensionDevelopmentPath', remote(file)]);
  if (testsPath) payload.push(['extensionTestsPath', remote(testsPath)]);
  const opened = folder ? { [folder.endsWith('.code-workspace') ? 'workspace' : 'folder']: folder } : { ew: 'true' };
  return String(new URLSearchParams({ ...opened, payload: JSON.stringify(payload) }));
}
