/**
 * The rooms of src/ and who may import whom:
 *
 *   vscode | cli  ->  mcp  ->  app  ->  journal | backends | config | tools  ->  core  ->  base
 *   webview (browser code)  ->  base; vscode  ->  the messages and views of webview
 *
 * test/stages/boundaries.mjs plants a violation of every rule and sees that it is found.
 */
const rule = (name, comment, between) => ({ name, comment, severity: 'error', ...between });
const src = (room) => ({ path: `^src/${room}/` });
const srcBut = (room) => ({ path: '^src/', pathNot: `^src/${room}/` });

export default {
  forbidden: [
    rule('no-cycles', 'Modules that import each other cannot be understood one at a time.', {
      from: {},
      to: { circular: true },
    }),
    rule('base-knows-nothing', 'base is for any program: it imports no other room and no package.', {
      from: src('base'),
      to: { pathNot: '^src/base/' },
    }),
    rule('core-knows-base-only', 'core owns the ports; whoever fulfils them imports core.', {
      from: src('core'),
      to: srcBut('(core|base)'),
    }),
    rule('core-is-pure', 'core does no I/O, so that it runs under a manual clock and a scripted backend.', {
      from: src('core'),
      to: { dependencyTypes: ['core'] },
    }),
    rule('core-knows-no-provider', 'core speaks to models through its Backend port.', {
      from: src('core'),
      to: { path: '^(vscode|.*node_modules/(@types/vscode|openai|ollama)(/|$))' },
    }),
    rule('adapters-know-core-only', 'Adapters never import each other, nor the rooms that wire them.', {
      from: src('(journal|backends|config|tools)'),
      to: srcBut('($1|core|base)'),
    }),
    rule('app-knows-no-shell', 'app is what the shells and the doors share.', {
      from: src('app'),
      to: src('(vscode|cli|mcp)'),
    }),
    rule('mcp-knows-no-shell', 'Both shells open the doors for other agents.', {
      from: src('mcp'),
      to: src('(vscode|cli)'),
    }),
    rule('cli-knows-no-vscode-room', 'The two shells never import each other.', {
      from: src('cli'),
      to: src('vscode'),
    }),
    rule('vscode-room-knows-no-cli', 'The two shells never import each other.', {
      from: src('vscode'),
      to: src('cli'),
    }),
    rule('webview-is-browser-code', 'It runs in a page: of other rooms it may know types of app and core.', {
      from: src('webview'),
      to: { path: '^src/', pathNot: '^src/(webview|base)/', dependencyTypesNot: ['type-only'] },
    }),
    rule('webview-knows-types-of-app-and-core', 'What a page shows is handed to it.', {
      from: src('webview'),
      to: srcBut('(webview|base|app|core)'),
    }),
    rule('webview-knows-no-node', 'A page has no Node.', {
      from: src('webview'),
      to: { dependencyTypes: ['core'] },
    }),
    rule('only-messages-leave-webview', 'What is drawn is code for a page; the other side knows views and messages.', {
      from: srcBut('webview'),
      to: { path: '^src/webview/', pathNot: '^src/webview/([^/]+)/\\1-(messages|view)\\.ts$' },
    }),
    rule('only-vscode-room-knows-webview', 'Panels are part of the shell in VS Code.', {
      from: srcBut('(vscode|webview)'),
      to: src('webview'),
    }),
    rule('only-vscode-room-imports-vscode', 'Everything else also runs outside VS Code.', {
      from: srcBut('vscode'),
      to: { path: '^(vscode$|.*node_modules/@types/vscode/)' },
    }),
    rule('only-journal-imports-sqlite', 'journal is the only room with SQL.', {
      from: srcBut('journal'),
      to: { path: '^(node:)?sqlite$' },
    }),
    rule('only-backends-import-model-clients', 'All traffic to models goes through one guarded fetch.', {
      from: srcBut('backends'),
      to: { path: '(^|node_modules/)(openai|ollama)(/|$)' },
    }),
    rule('only-mcp-and-tools-import-the-mcp-library', 'mcp serves clients, tools is one.', {
      from: srcBut('(mcp|tools)'),
      to: { path: '(^|node_modules/)@modelcontextprotocol/' },
    }),
    rule('src-knows-no-test', 'What ships does not contain tests.', {
      from: { path: '^src/' },
      to: { path: '^test/' },
    }),
    rule('no-development-package', 'What ships uses dependencies only.', {
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/vscode/',
      },
    }),
    rule('everything-resolves', 'An import that leads nowhere is a gap in these rules.', {
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    }),
  ],
  options: {
    tsPreCompilationDeps: true, // type imports count too
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
