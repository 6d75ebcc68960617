/**
 * The protected class: files that programs obey without being asked, when a folder is opened, packages are installed or
 * something is committed or pushed, and files that steer agents. An edit of one is accepted only by itself, with a
 * warning; no setting changes that. Sources and build descriptions that only run when a person builds (Makefile,
 * CMakeLists.txt, Dockerfile, vite.config.ts) are not in it.
 */
interface Group {
  /** A sentence about "it". */
  readonly why: string;
  /** Names of folders: everything in them, at any depth. All names are written folded. */
  readonly folders?: readonly string[];
  readonly files?: readonly string[];
  readonly patterns?: readonly RegExp[];
}

const GROUPS: readonly Group[] = [
  {
    why: 'It belongs to version control, which runs commands from its configuration and hooks.',
    folders: ['.git', '.hg', '.svn', '.jj', '.bzr', '.githooks', '.git-hooks'],
    files: ['.git', '.gitmodules', '.gitattributes', '.gitconfig', '.hgrc', '.hgsub'],
  },
  {
    why: 'It decides what git ignores, and so which files are kept back from models.',
    files: ['.gitignore'],
  },
  {
    why: 'It runs commands when somebody commits or pushes.',
    folders: ['.husky', '.lefthook'],
    files: ['.pre-commit-config.yaml', '.pre-commit-config.yml', '.pre-commit-hooks.yaml', '.overcommit.yml'],
    patterns: [/^\.?lefthook(-local)?\.(ya?ml|toml|json)$/, /^\.lintstagedrc(\.\w+)?$/, /^lint-staged\.config\.\w+$/],
  },
  {
    why: 'Editors take settings, tasks and commands from it as soon as the folder is opened.',
    folders: ['.vscode', '.vscode-server', '.vs', '.idea', '.fleet', '.zed', '.nova', '.theia'],
    files: ['.vimrc', '.exrc', '.nvimrc', '.nvim.lua', '.lvimrc', '.dir-locals.el', '.dir-locals-2.el'],
    patterns: [/\.code-workspace$/, /\.sublime-(project|settings)$/],
  },
  {
    why: 'It describes a development environment that is started with the commands in it.',
    folders: ['.devcontainer', '.idx', '.codesandbox', '.stackblitz'],
    files: ['devcontainer.json', '.devcontainer.json', 'devfile.yaml', '.devfile.yaml', '.replit', 'replit.nix'],
    patterns: [/^\.gitpod\./, /^\.stackblitzrc$/],
  },
  {
    why: 'It gives instructions, tools or permissions to AI agents.',
    folders: [
      ...['.orchestrator', '.cursor', '.windsurf', '.claude', '.gemini', '.codex', '.qwen', '.kiro', '.amazonq'],
      ...[
        '.continue',
        '.roo',
        '.clinerules',
        '.cline',
        '.kilocode',
        '.augment',
        '.trae',
        '.junie',
        '.copilot',
        '.agents',
      ],
    ],
    files: [
      ...['mcp.json', '.mcp.json', 'mcp_config.json', 'mcp-settings.json', 'mcp_settings.json'],
      ...['agents.md', 'agents.override.md', 'agent.md', 'claude.md', 'claude.local.md', 'gemini.md', 'qwen.md'],
      ...['.cursorrules', '.windsurfrules', '.clinerules', '.roorules', '.goosehints'],
      ...['copilot-instructions.md', 'skill.md'],
    ],
    patterns: [/\.(instructions|prompt|chatmode|agent)\.md$/, /^\.roorules-/, /^\.aider\.conf\.ya?ml$/],
  },
  {
    why: 'It is run by continuous integration, with the secrets of the repository.',
    folders: ['.github', '.gitlab', '.circleci', '.gitea', '.forgejo', '.woodpecker', '.buildkite', '.azure-pipelines'],
    files: [
      ...['.travis.yml', 'bitbucket-pipelines.yml', 'appveyor.yml', '.appveyor.yml', '.cirrus.yml', '.cirrus.star'],
      ...['.drone.yml', '.woodpecker.yml', '.woodpecker.yaml', 'wercker.yml', 'codemagic.yaml', 'cloudbuild.yaml'],
      ...['cloudbuild.yml', 'buildspec.yml', 'buildspec.yaml', 'vercel.json', 'netlify.toml'],
    ],
    patterns: [/\.gitlab-ci\.ya?ml$/, /^azure-pipelines[\w.-]*\.ya?ml$/, /^jenkinsfile(\.|$)/],
  },
  {
    why: 'Package managers run scripts that it names, and install what it names.',
    files: [
      ...[
        'package.json',
        'package.json5',
        'package.yaml',
        'composer.json',
        'cargo.toml',
        'pyproject.toml',
        'setup.cfg',
      ],
      ...[
        'gemfile',
        'gems.rb',
        'pipfile',
        'pnpm-workspace.yaml',
        'bunfig.toml',
        'lerna.json',
        'deno.json',
        'deno.jsonc',
      ],
    ],
    patterns: [/\.gemspec$/],
  },
  {
    why: 'It locks which packages are installed, and their code runs here.',
    files: [
      ...['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb'],
      ...['cargo.lock', 'poetry.lock', 'pipfile.lock', 'uv.lock', 'pdm.lock', 'composer.lock', 'gemfile.lock'],
      ...['gems.locked', 'go.sum', 'flake.lock', 'deno.lock', 'packages.lock.json', 'gradle.lockfile', 'mix.lock'],
      ...['pubspec.lock', 'package.resolved', 'podfile.lock', 'cartfile.resolved', 'pixi.lock', 'module.bazel.lock'],
    ],
  },
  {
    why: 'It tells a package manager or build tool where to fetch from and what to run.',
    folders: ['.yarn', '.cargo', '.mvn', '.bundle', '.pnpm'],
    files: [
      ...[
        '.npmrc',
        '.pnpmfile.cjs',
        '.pnpmfile.mjs',
        'pip.conf',
        'pip.ini',
        '.pypirc',
        'uv.toml',
        '.gemrc',
        '.condarc',
      ],
      ...['nuget.config', '.bazelrc', '.bazelversion', 'gradle-wrapper.properties', 'gradle-wrapper.jar'],
      ...['maven-wrapper.properties', 'maven-wrapper.jar', 'rust-toolchain', 'rust-toolchain.toml'],
    ],
    patterns: [/^\.yarnrc/],
  },
  {
    why: 'Language support and package managers run it when the folder is opened or installed.',
    files: [
      ...['build.rs', 'setup.py', 'conftest.py', 'binding.gyp', 'sitecustomize.py', 'usercustomize.py', 'init.gradle'],
      ...['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts', 'build.sbt'],
    ],
    patterns: [
      /\.pth$/,
      /^(eslint|prettier|stylelint)\.config\.[cm]?[jt]s$/,
      /^\.(eslintrc|prettierrc|stylelintrc)\.[cm]?[jt]s$/,
    ],
  },
  {
    why: 'A shell or environment manager runs it on entering the folder.',
    folders: ['.direnv', '.mise'],
    files: [
      ...['.envrc', '.autoenv', '.autoenv.zsh', 'mise.toml', '.mise.toml', 'mise.local.toml'],
      ...['.mise.local.toml', '.tool-versions', 'devenv.nix', 'devenv.yaml', 'flake.nix', 'shell.nix', 'default.nix'],
      ...['.bashrc', '.bash_profile', '.bash_login', '.bash_logout', '.bash_aliases', '.profile'],
      ...['.zshrc', '.zshenv', '.zprofile', '.zlogin', '.zlogout', '.kshrc', '.inputrc', '.pythonrc'],
    ],
  },
];

/** Why a file is in the protected class; undefined: it is not. `segments` lead to the file from any folder above it. */
export function whyProtected(segments: readonly string[]): string | undefined {
  const folded = segments.map(foldName);
  const name = folded.at(-1) ?? '';
  const folders = folded.slice(0, -1);
  const found = GROUPS.find(
    (group) =>
      folders.some((folder) => group.folders?.includes(folder) === true) ||
      group.files?.includes(name) === true ||
      group.patterns?.some((pattern) => pattern.test(name)) === true,
  );
  return found?.why;
}

/**
 * One text for all spellings that some file system takes for the same name. Upper case first: `ſ` and `s`, which have
 * the same upper case, are one letter to the file systems of macOS and Windows.
 */
export function foldName(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
