import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { CommandRan, CopiedFile } from '../../../src/core/deliverable/check-ports.ts';
import { tempTree } from '../../tools/temp-tree.ts';
import { bytesOf, commandRig, contentOf, copiesLeft, isAlive, script, type CommandRig } from './command-rig.ts';

const FILES = {
  'src/a.txt': 'one\n',
  'src/b.txt': 'two\n',
  'script.sh': '#!/bin/sh\necho from the script\n',
  '.gitignore': 'built/\n.env\n',
  'built/out.txt': 'built\n',
};

const LIST = `for (const n of require('fs').readdirSync('.', { recursive: true }).sort()) console.log(n)`;

function told({ end, output }: CommandRan): string {
  const how = 'code' in end ? ` ${end.code}` : 'why' in end ? `: ${end.why}` : 'signal' in end ? ` ${end.signal}` : '';
  return `${end.kind}${how}\n${output}`.trim();
}

describe('a command over a throw-away copy', function () {
  this.timeout(30_000);
  let rig: CommandRig;
  let before: readonly string[];

  beforeEach(() => {
    before = copiesLeft();
    rig = commandRig(FILES);
    chmodSync(path.join(rig.tree.path, 'script.sh'), 0o755);
  });
  afterEach(() => {
    rig.remove();
    assert.deepEqual(copiesLeft(), before, 'a copy was left behind');
  });

  it('exits as it exits, with what it printed on both streams', async () => {
    assert.equal(told(await rig.run(script('console.log("fine")'))), 'exited 0\nfine');
    const failed = await rig.run(script('console.error("1 test failed"); process.exitCode = 3'));
    assert.equal(told(failed), 'exited 3\n1 test failed');
    assert.equal(told(await rig.run(script('process.kill(process.pid, "SIGSEGV")'))), 'signalled SIGSEGV');
    assert.equal(told(await rig.run(['./script.sh'])), 'exited 0\nfrom the script');
  });

  it('sees the tracked files and the edits of the work, and nothing that git does not track', async () => {
    rig.tree.write('untracked.txt', 'x');
    rig.tree.write('src/a.txt', 'changed on disk\n');
    const ran = await rig.run(script(`${LIST}; console.log(require('fs').readFileSync('src/a.txt', 'utf8'))`), {
      files: [
        { path: 'src/new/c.txt', bytes: bytesOf('three') },
        { path: 'src/b.txt', bytes: null },
      ],
    });
    assert.equal(told(ran), 'exited 0\n.gitignore\nscript.sh\nsrc\nsrc/a.txt\nsrc/new\nsrc/new/c.txt\nchanged on disk');
  });

  it('changes nothing in the workspace, whatever it writes and deletes', async () => {
    rig.tree.write('node_modules/p/index.js', 'module.exports = 1');
    symlinkSync('../p/index.js', path.join(rig.tree.path, 'node_modules/q'));
    const content = contentOf(rig.tree.path);
    const ran = await rig.run(
      script(`const fs = require('fs');
        fs.writeFileSync('src/a.txt', 'gone'); fs.rmSync('src/b.txt'); fs.writeFileSync('new.txt', 'x');
        fs.writeFileSync('node_modules/p/index.js', 'evil'); fs.mkdirSync('node_modules/.cache');
        fs.chmodSync('src', 0o500); fs.writeFileSync(require('os').tmpdir() + '/left.txt', 'x');`),
    );
    assert.equal(told(ran), 'exited 0');
    assert.equal(contentOf(rig.tree.path), content);
  });

  it('finds the installed packages in its copy, their links among themselves included', async () => {
    rig.tree.write('node_modules/p/index.js', 'module.exports = "from p"');
    symlinkSync('../node_modules/p', path.join(rig.tree.path, 'node_modules/linked'));
    symlinkSync('/etc', path.join(rig.tree.path, 'node_modules/far'));
    const look = `console.log(require('p'), require('linked'), require('fs').existsSync('node_modules/far'))`;
    assert.equal(told(await rig.run(script(look))), 'exited 0\nfrom p from p false');
  });

  it('sees what the work renamed, swapped and put where something else was', async () => {
    const cases: readonly (readonly [string, readonly CopiedFile[], string])[] = [
      [
        'renamed in a row',
        [
          { path: 'src/a.txt', bytes: null },
          { path: 'src/c.txt', bytes: bytesOf('2'), like: 'src/b.txt' },
          { path: 'src/b.txt', bytes: bytesOf('1'), like: 'src/a.txt' },
        ],
        'src/b.txt=1 src/c.txt=2',
      ],
      [
        'a file where a folder was',
        [
          { path: 'src', bytes: bytesOf('flat') },
          { path: 'src/a.txt', bytes: null },
          { path: 'src/b.txt', bytes: null },
        ],
        'src=flat',
      ],
      [
        'a folder where a file was',
        [
          { path: 'src/a.txt/x', bytes: bytesOf('deep') },
          { path: 'src/a.txt', bytes: null },
        ],
        'src/a.txt/x=deep src/b.txt=two',
      ],
    ];
    const show = `const fs = require('fs');
      console.log(fs.readdirSync('.', { recursive: true }).filter((n) => n.startsWith('src') && fs.statSync(n).isFile()).sort()
        .map((n) => n + '=' + fs.readFileSync(n, 'utf8').trim()).join(' '))`;
    for (const [what, files, seen] of cases)
      assert.equal(told(await rig.run(script(show), { files })), `exited 0\n${seen}`, what);
    const moved = [
      { path: 'script.sh', bytes: null },
      { path: 'moved.sh', bytes: bytesOf('#!/bin/sh\necho moved\n'), like: 'script.sh' },
    ];
    assert.equal(told(await rig.run(['sh', '-c', './moved.sh'], { files: moved })), 'exited 0\nmoved');
  });

  it('sees packages that are tracked as the work leaves them, and none that a data rule keeps back', async () => {
    const rules = [
      { glob: 'node_modules/@corp/', allow: 'nowhere', level: 'user' },
      { glob: 'node_modules/near/', allow: 'local', level: 'user' },
    ] as const;
    const own = commandRig(
      { ...FILES, 'node_modules/m/index.js': 'OLD', 'node_modules/m/gone.js': 'x', 'node_modules/m/.env': 'KEY=1' },
      { dataRules: () => rules },
    );
    own.tree.write('node_modules/@corp/secret.js', 'x');
    own.tree.write('node_modules/near/index.js', 'x');
    const look = `const fs = require('fs'); console.log(fs.readFileSync('node_modules/m/index.js', 'utf8'),
      ['m/gone.js', 'm/.env', '@corp/secret.js', 'near/index.js'].map((n) => fs.existsSync('node_modules/' + n)).join(' '))`;
    const ran = await own.run(script(look), {
      files: [
        { path: 'node_modules/m/index.js', bytes: bytesOf('NEW') },
        { path: 'node_modules/m/gone.js', bytes: null },
      ],
    });
    own.remove();
    assert.equal(told(ran), 'exited 0\nNEW false false false true');
    assert.deepEqual(
      ran.localFiles.map(({ path: name }) => name),
      ['node_modules/near/index.js'],
    );
    assert.ok(ran.leftOut >= 2);
  });

  it('tells of a file that stays here by a rule of the workspace, also where git ignores and tracks it', async () => {
    const own = commandRig(FILES, { dataRules: () => [{ glob: 'built/', allow: 'local', level: 'workspace' }] });
    own.git('add', '-f', 'built/out.txt');
    const { localFiles } = await own.run(script(''));
    own.remove();
    assert.deepEqual(
      localFiles.map(({ path: name }) => name),
      ['built/out.txt'],
    );
  });

  it('is given no keys, and folders on its PATH that are absolute only', async () => {
    const env = {
      ...process.env,
      OPENAI_API_KEY: 'sk-canary',
      GITHUB_TOKEN: 'canary',
      PATH: `.:node_modules/.bin:${process.env['PATH']}`,
    };
    const own = commandRig(FILES, { env });
    const bare = commandRig(FILES, { env: { PATH: '.' } });
    const found = await bare.run(['sh', '-c', 'echo $PATH']);
    bare.remove();
    assert.doesNotMatch(found.output, /^$|^:/);
    const { output } = await own.run(script('console.log(JSON.stringify(process.env))'));
    own.remove();
    assert.doesNotMatch(output, /canary/);
    const given = JSON.parse(output) as Readonly<Record<string, string>>;
    assert.doesNotMatch(given['PATH'] ?? '', /(?:^|:)[^/]/);
    const known = [
      'GIT_CEILING_DIRECTORIES',
      'HOME',
      'LANG',
      'LC_ALL',
      'LC_CTYPE',
      'LOGNAME',
      'PATH',
      'TEMP',
      'TMP',
      'TMPDIR',
      'TZ',
      'USER',
    ];
    assert.deepEqual(
      Object.keys(given).filter((name) => !known.includes(name) && !name.startsWith('__')),
      [],
    );
  });

  it('is copied where it is told, outside of the workspace, and what a killed process left there is removed', async () => {
    const place = tempTree({ 'orchestrator-check-left/owner': '999999999', 'orchestrator-check-left/files/a': 'x' });
    const own = commandRig(FILES, { place: place.path });
    const { output } = await own.run(script('console.log(require("fs").realpathSync("/proc/self/cwd"))'));
    assert.equal(output.trim(), '.');
    assert.deepEqual(readdirSync(place.path), []);
    own.remove();
    place.remove();
  });

  it('is not run through a shell', async () => {
    const ran = await rig.run(['node', '-p', 'process.argv.slice(1).join("|")', '$HOME', '; touch x', '`id`', '*']);
    assert.equal(told(ran), 'exited 0\n$HOME|; touch x|`id`|*');
  });

  it('is stopped with all that it started when its time is over', async () => {
    const pids = path.join(rig.tree.path, 'pids');
    const argv = script(`const { spawn } = require('child_process');
      const child = spawn('sh', ['-c', 'sleep 60 & echo $! >> ${pids}; echo $$ >> ${pids}; wait'], { stdio: 'inherit' });
      setInterval(() => require('fs').existsSync('${pids}') && console.log('tick'), 50);`);
    const startedMs = performance.now();
    const ran = await rig.run(argv, { timeoutMs: 1_500 });
    assert.match(told(ran), /^timed-out\n(?:tick\n?)+$/);
    assert.ok(performance.now() - startedMs < 10_000);
    const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
    assert.equal(started.length, 2);
    assert.deepEqual(started.filter(isAlive), []);
  });

  it('takes with it what it leaves running when it ends by itself', async () => {
    const ran = await rig.run(['sh', '-c', 'sleep 60 & echo $!']);
    assert.equal(ran.end.kind, 'exited');
    assert.equal(isAlive(Number(ran.output)), false);
  });

  it('ends at once when it is called off, also while its files are copied', async () => {
    const controller = new AbortController();
    const pid = path.join(rig.tree.path, 'pid');
    const running = rig.run(
      script(`require('fs').writeFileSync('${pid}', String(process.pid)); setInterval(() => {}, 1e3)`),
      {
        signal: controller.signal,
      },
    );
    while (!existsSync(pid) || readFileSync(pid, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 5));
    const startedMs = performance.now();
    controller.abort();
    assert.equal(told(await running), 'broken: it was called off');
    assert.ok(performance.now() - startedMs < 2_000);
    assert.equal(isAlive(Number(readFileSync(pid, 'utf8'))), false);
    const early = new AbortController();
    const copying = rig.run(script(''), { signal: early.signal });
    early.abort();
    assert.equal(told(await copying), 'broken: it was called off');
  });

  it('may print any amount: the last of it is kept', async () => {
    const flood = `const line = 'x'.repeat(1023) + '\\n'; let n = 0;
      (function more() { while (n++ < 400_000) if (!process.stdout.write(line)) return process.stdout.once('drain', more);
      process.stdout.write('the end'); })();`;
    let most = 0;
    const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
    const atFirst = process.memoryUsage.rss();
    const { output, end } = await rig.run(script(flood));
    assert.deepEqual(end, { kind: 'exited', code: 0 });
    assert.ok(output.endsWith('the end'));
    assert.equal(output.length, 65_536);
    clearInterval(watching);
    assert.ok(most - atFirst < 300_000_000, `${most - atFirst} bytes more`);
  });

  it('follows no link out of the workspace, nor one to what is withheld, and says how many are left out', async () => {
    const outside = tempTree({ 'secret.txt': 'not yours' });
    rig.tree.write('.env', 'KEY=1');
    symlinkSync(path.join(outside.path, 'secret.txt'), path.join(rig.tree.path, 'out.txt'));
    symlinkSync(outside.path, path.join(rig.tree.path, 'out'));
    symlinkSync('.env', path.join(rig.tree.path, 'env.txt'));
    symlinkSync('src/a.txt', path.join(rig.tree.path, 'inside.txt'));
    rig.git('add', '-A');
    const ran = await rig.run(script(`${LIST}; console.log(require('fs').readFileSync('inside.txt', 'utf8'))`));
    outside.remove();
    assert.equal(told(ran), 'exited 0\n.gitignore\ninside.txt\nscript.sh\nsrc\nsrc/a.txt\nsrc/b.txt\none');
    assert.equal(ran.leftOut, 3);
  });

  it('does not see what a data rule withholds, and tells of what one keeps on this machine', async () => {
    const rules = [
      { glob: 'src/a.txt', allow: 'local', level: 'user' },
      { glob: 'src/b.txt', allow: 'nowhere', level: 'user' },
    ] as const;
    const own = commandRig(FILES, { dataRules: () => rules });
    const ran = await own.run(script(LIST));
    own.remove();
    assert.equal(told(ran), 'exited 0\n.gitignore\nscript.sh\nsrc\nsrc/a.txt');
    assert.deepEqual(
      ran.localFiles.map(({ path, rule, localOnly }) => `${path} ${rule} ${localOnly}`),
      ['src/a.txt src/a.txt true'],
    );
    assert.equal(ran.leftOut, 1);
  });

  it('has what the workspace lists where there is no git, and what an editor shows unsaved', async () => {
    const plain = tempTree({ 'a.txt': 'saved', 'node_modules/p/x.js': '' });
    const own = commandRig(
      {},
      {
        folders: [{ name: 'main', path: plain.path }],
        unsavedText: (file) => (file.endsWith('a.txt') ? 'unsaved' : undefined),
      },
    );
    const ran = await own.run(
      script(`console.log(require('fs').readdirSync('.').join(), require('fs').readFileSync('a.txt', 'utf8'))`),
    );
    own.remove();
    plain.remove();
    assert.equal(told(ran), 'exited 0\na.txt,node_modules unsaved');
  });

  it('is not run where the copy would be too large', async () => {
    const limits = { maxFiles: 3, maxBytes: 1_000_000, maxPackageFiles: 1, maxPackageBytes: 1_000_000 };
    const own = commandRig(FILES, { limits });
    assert.equal(
      told(await own.run(script(''))),
      'broken: the workspace has more than the 3 files or 1 MB of which a copy is made',
    );
    own.remove();
    const packages = commandRig(
      { 'a.txt': '', 'node_modules/p/x.js': '', 'node_modules/p/y.js': '', '.gitignore': 'node_modules/' },
      { limits },
    );
    assert.match(told(await packages.run(script(''))), /^broken: node_modules has more than the 1 files/);
    packages.remove();
  });

  it('names a folder, a file and a program that is not there', async () => {
    assert.equal(told(await rig.run(script(''), { cwd: 'lib' })), 'missing: there is no folder lib');
    assert.equal(
      told(await rig.run(script('console.log(process.cwd().split("/").at(-1))'), { cwd: 'src' })),
      'exited 0\nsrc',
    );
    const own = commandRig(FILES, { allowed: () => [['./gone.sh'], ['no-such-program', 'x']] });
    assert.equal(told(await own.run(['./gone.sh'])), 'missing: there is no file ./gone.sh');
    assert.match(
      told(await own.run(['no-such-program', 'x'])),
      /^broken: there is no program no-such-program on this machine's PATH; install it/,
    );
    own.remove();
  });

  it('is refused before anything is copied, unless the user allows it word for word and trusts the folder', async () => {
    let isTrusted = true;
    const own = commandRig(FILES, {
      allowed: () => [['npm', 'test'], ['npm', 'run', 'check', '*'], []],
      isTrusted: () => isTrusted,
    });
    const refusal = (...argv: readonly string[]): string => own.runner.refusal(argv)?.why ?? 'allowed';
    assert.equal(refusal('npm', 'test'), 'allowed');
    assert.equal(
      refusal('npm', 'test', '--prefix', '/'),
      'The command ["npm", "test", "--prefix", "/"] is not allowed.',
    );
    assert.equal(refusal('npm', 'run', 'check', '--', 'x'), 'allowed');
    assert.equal(refusal('npm', 'run', 'check'), 'allowed');
    assert.equal(refusal('npm', 'run', 'other'), 'The command ["npm", "run", "other"] is not allowed.');
    assert.equal(refusal('npm', 'tests'), 'The command ["npm", "tests"] is not allowed.');
    assert.equal(refusal('npm'), 'The command ["npm"] is not allowed.');
    assert.equal(refusal('npm test'), 'The command ["npm test"] is not allowed.');
    assert.match(
      own.runner.refusal(['npm', 'run'])?.whatToDo ?? '',
      /^Add \["npm", "run"\] to orchestrator\.allowedCommands in your user settings/,
    );
    assert.equal(told(await own.run(script(''))), 'broken: The command ["node", "-e", ""] is not allowed.');
    isTrusted = false;
    assert.equal(refusal('npm', 'test'), 'This folder is not trusted, so no command is run over its files.');
    own.remove();
  });
});
