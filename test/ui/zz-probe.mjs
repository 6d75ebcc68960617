import { runInVsCode } from '../hosts/run-in-vscode.mjs';
const ended = await runInVsCode({ suites: ['/work/main/test/ui/one-request.test.ts'], extensions: ['/work/main/test/fixtures/teammate-extension'], logName: 'vscode-zz-probe', screenshotsDir: '/tmp/probe', timeoutMs: 240000, verbose: true, onLine: (l) => console.log(l) });
console.log(ended.passed, ended.failed, ended.host, JSON.stringify(ended.failures, null, 1));
