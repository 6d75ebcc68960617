import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { FAILURE_REASONS } from '../../src/core/failure.ts';
import { manifest, ROOT, sections, withSections } from './sections.ts';

function read(file: string): string {
  return readFileSync(`${ROOT}${file}`, 'utf8');
}

const DOCS = [
  'README.md',
  'CONTRIBUTING.md',
  'DISCLAIMER.md',
  'CHANGELOG.md',
  'src/core/DESIGN.md',
  'src/backends/README.md',
];

describe('the docs', () => {
  it('have the generated sections that the code gives now (test/docs/generate.ts writes them)', () => {
    const text = read('README.md');
    assert.equal(text, withSections(text, sections()));
  });

  it('name only settings, commands, views and participants that exist', () => {
    const { contributes } = manifest();
    const known = new Set([
      ...Object.keys(contributes.configuration.properties),
      ...contributes.commands.map((command) => command.command),
      ...Object.values(contributes.views).flatMap((views) => views.map((view) => view.id)),
      'orchestrator.chat',
    ]);
    for (const file of DOCS) {
      for (const [, id] of read(file).matchAll(/`(orchestrator\.[A-Za-z][\w.]*)`/g)) {
        const isKnown = id !== undefined && (known.has(id) || [...known].some((name) => id.startsWith(`${name}.`)));
        assert.ok(isKnown || id === 'orchestrator.json', `${file} names ${id}, which package.json does not`);
      }
    }
  });

  it('name command palette titles as package.json has them', () => {
    const titles = new Set(
      manifest().contributes.commands.map((command) => `${command.category}: ${command.title.replace(/…$/, '')}`),
    );
    for (const file of DOCS) {
      for (const [, title] of read(file).matchAll(/\*\*(Orchestrator: [^*]+?)…?\*\*/g))
        assert.ok(title !== undefined && titles.has(title), `${file} names the command "${title}"`);
    }
  });

  it('link only to files that exist', () => {
    for (const file of DOCS) {
      const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : '';
      for (const [, target] of read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)) {
        assert.ok(target !== undefined && existsSync(`${ROOT}${folder}${target}`), `${file} links to ${target}`);
      }
    }
  });

  it('explain every failure reason in the design note', () => {
    const table = read('src/core/DESIGN.md');
    for (const reason of FAILURE_REASONS)
      assert.match(table, new RegExp(`\\b${reason}\\b`), `DESIGN.md does not explain ${reason}`);
  });

  it('name only npm scripts that exist', () => {
    const scripts = new Set(Object.keys((JSON.parse(read('package.json')) as { readonly scripts: object }).scripts));
    for (const file of DOCS)
      for (const [, name] of read(file).matchAll(/npm run ([\w:-]+)/g))
        assert.ok(name !== undefined && scripts.has(name), `${file} names npm run ${name}`);
  });
});
