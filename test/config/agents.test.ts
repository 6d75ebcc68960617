import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err, ok } from '../../src/base/result.ts';
import type { AgentFile } from '../../src/config/agent-file.ts';
import { AGENT_TOOLS } from '../../src/config/agent-schema.ts';
import { loadConfig, type Config } from '../../src/config/load-config.ts';
import { describeProblem } from '../../src/config/problem.ts';
import { createToolBox } from '../../src/tools/agent-tools/tool-box.ts';
import { fc, propertyOptions } from '../support/properties.ts';

const file = (name: string, text: string): AgentFile => ({ path: `.orchestrator/agents/${name}`, text: ok(text) });

function load(
  levels: { readonly user?: unknown; readonly workspace?: unknown },
  agentFiles: readonly AgentFile[] = [],
  isTrusted = true,
): Config {
  return loadConfig({ 'orchestrator.agents': levels }, { isTrusted, insideVsCode: true, agentFiles });
}

const told = (config: Config): readonly string[] => config.problems.map(describeProblem);
const named = (config: Config, name: string) => config.agents.find((agent) => agent.name === name);
const BUILT_IN = ['planner', 'coder', 'reader', 'reviewer', 'tester', 'researcher'];

describe('agents', () => {
  it('are those that are built in where nothing is set', () => {
    const config = load({});
    assert.deepEqual(
      config.agents.map(({ name }) => name),
      BUILT_IN,
    );
    assert.deepEqual(told(config), []);
  });

  it('of the user add to those, or take the place of one without a word', () => {
    const config = load({
      user: [
        { name: 'reviewer', personality: ' Mine. ', tools: [] },
        { name: 'poet', capability: ' Writing ', maxTokens: 10 },
      ],
    });
    assert.deepEqual(told(config), []);
    assert.deepEqual(named(config, 'reviewer'), {
      name: 'reviewer',
      description: '',
      personality: 'Mine.',
      tools: [],
      source: 'user',
    });
    assert.equal(named(config, 'poet')?.capability, 'writing');
    assert.equal(config.agents.length, BUILT_IN.length + 1);
  });

  it('of a folder are read from front matter and the text below it', () => {
    const text =
      '---\nname: critic\ndescription: Finds faults.\ntools: [read_file, search_files]\nmaxTokens: 2000\n---\n\nYou find faults.\n\n---\nNot front matter.\n';
    const config = load({}, [
      file('critic.md', text),
      file('plain.md', 'You are plain.'),
      file('crlf.md', '---\r\ntarget: gpt\r\n---\r\nHi.'),
    ]);
    assert.deepEqual(told(config), []);
    assert.deepEqual(named(config, 'critic'), {
      name: 'critic',
      description: 'Finds faults.',
      personality: 'You find faults.\n\n---\nNot front matter.',
      tools: ['read_file', 'search_files'],
      maxTokens: 2000,
      source: 'workspace',
    });
    assert.equal(named(config, 'plain')?.personality, 'You are plain.');
    assert.deepEqual([named(config, 'crlf')?.target, named(config, 'crlf')?.personality], ['gpt', 'Hi.']);
  });

  it('that are broken, there twice, or take the place of others are told, and the rest goes on', () => {
    const config = load({ user: [{ name: 'poet' }], workspace: [{ name: 'critic', description: 'The first.' }] }, [
      file('broken.md', '---\ntools: [read_file\n---\nHi.'),
      file('bomb.md', '---\na: &a [x]\nb: *a\n---\n'),
      file('critic.md', 'The second.'),
      file('Loud.md', 'Hi.'),
      file('other.md', '---\nname: another\n---\nHi.'),
      { path: '.orchestrator/agents/link.md', text: err('no plain file') },
      file('poet.md', 'Ours.'),
      file('reviewer.md', '---\ntool: [read_file]\ntools: [shell]\n---\nHi.'),
      file('tester.md', 'Ours.'),
      file('wordy.md', 'x'.repeat(20_001)),
    ]);
    assert.deepEqual(told(config), [
      '.orchestrator/agents/broken.md: expected YAML between the lines of ---, got what cannot be read (Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 18:). Mend it, or take it out.',
      '.orchestrator/agents/bomb.md: expected YAML between the lines of ---, got what cannot be read (Alias resolution is disabled). Mend it, or take it out.',
      '.orchestrator/agents/Loud.md: expected a file named by its agent, in small letters, digits and hyphens, got "Loud". Rename it, for example to reviewer.md.',
      '.orchestrator/agents/other.md: name: expected "other", as the file is named, got "another". Rename the file, or take the name out.',
      '.orchestrator/agents/link.md: expected a text that can be read, got no plain file. See whether the file is there and is UTF-8.',
      '.orchestrator/agents/reviewer.md: tools[0]: expected a list of tools (read_file, list_files, search_files, outline_file, edit_file, write_file, apply_diff, delete_file, rename_file, or SERVER/TOOL), got "shell". Write for example "tools": ["read_file"].',
      '.orchestrator/agents/reviewer.md: tool: expected a field that is known here, got an unknown field. Did you mean "tools"? Else take it out.',
      '.orchestrator/agents/wordy.md: expected a personality of at most 20000 characters, got 20001. Shorten the text below the front matter.',
      '.orchestrator/agents/critic.md: expected a name of its own, got "critic", which workspace agents[0] "critic" has. Rename it or take it out; workspace agents[0] "critic" counts.',
      '.orchestrator/agents/poet.md: expected a name of its own, got "poet", which your settings define as well. In this workspace this one counts; rename it if you want the other.',
      '.orchestrator/agents/tester.md: expected a name of its own, got "tester", which is built in as well. In this workspace this one counts; rename it if you want the other.',
    ]);
    assert.equal(named(config, 'critic')?.description, 'The first.');
    assert.deepEqual([named(config, 'poet')?.source, named(config, 'tester')?.source], ['workspace', 'workspace']);
    assert.equal(named(config, 'reviewer')?.source, 'built-in');
  });

  it('of a folder nobody trusts do not count', () => {
    const config = load({ user: [{ name: 'poet' }], workspace: [{ name: 'spy' }] }, [file('spy.md', 'Hi.')], false);
    assert.equal(named(config, 'spy'), undefined);
    assert.equal(named(config, 'poet')?.source, 'user');
    assert.match(told(config).join('\n'), /^workspace agents: expected a trusted workspace/);
  });

  it('may name the tools that there are', () => {
    assert.deepEqual(
      [...AGENT_TOOLS].toSorted(),
      createToolBox()
        .tools.map(({ name }) => name)
        .toSorted(),
    );
  });

  it('are read from any text and any setting without a throw', () => {
    const yamlish = fc.string({
      unit: fc.constantFrom('-', ' ', '\n', ':', '[', '{', '&a', '*a', '!!js', '"', 'x', '---\n', '\t', '|', '>'),
    });
    fc.assert(
      fc.property(yamlish, fc.json(), (text, json) => {
        const config = load({ user: [JSON.parse(json)], workspace: JSON.parse(json) }, [
          file('a.md', text),
          file('b.md', `---\n${text}\n---\n`),
        ]);
        assert.ok(config.agents.length >= BUILT_IN.length);
      }),
      propertyOptions('agents of any kind'),
    );
  });
});
