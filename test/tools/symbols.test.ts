import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import type { SymbolInfo } from '../../src/core/ports.ts';
import { createNodeWorkspace, type NodeWorkspaceOptions } from '../../src/tools/node-workspace.ts';
import { open, removeTrees, signal } from './open-workspace.ts';
import { assertGrowsWithSize } from '../support/growth.ts';

describe('Symbols read off a text', () => {
  afterEach(removeTrees);

  for (const [path, { text, outline }] of Object.entries(samples()))
    it(`are found in ${path}`, async () => {
      assert.equal(await outlineOf(path, text), outline);
      assert.equal(await outlineOf(path, text.replaceAll('\n', '\r\n')), outline);
    });

  it('are none in a language that is not known, and in an empty text', async () => {
    assert.equal(await outlineOf('a.txt', 'function a() {}'), '');
    assert.equal(await outlineOf('a.ts', ''), '');
    assert.equal(await outlineOf('Makefile', 'all: x'), '');
  });

  it('are bounded, and found soon in lines that were made to be slow', async () => {
    const many = await open({}).symbols('a.ts', 'function f() {}\n'.repeat(5000), signal);
    assert.equal(many.length, 2000);
    const nested = await open({}).symbols('a.ts', 'class A {\n  a() {}\n  b() {}\n}\n'.repeat(1500), signal);
    assert.deepEqual([nested.length, nested.at(-1)?.startLine], [1500, 5997]);
    await assertGrowsWithSize(10_000, async (size) => {
      for (const line of [
        'export '.repeat(size),
        'a '.repeat(size),
        `class X {\n ${'a<'.repeat(size)}`,
        `int ${'a, '.repeat(size)}`,
      ])
        for (const path of ['a.ts', 'a.java', 'a.cpp', 'a.rs', 'a.py', 'a.go', 'a.md'])
          await open({}).symbols(path, `${line}\n`.repeat(20), signal);
    });
  });
});

describe('Symbols from language support', () => {
  afterEach(removeTrees);
  const known: SymbolInfo = { name: 'known', kind: 'Class', startLine: 1, endLine: 99, depth: 0 };

  it('go before the text, in order and inside of it, and are asked with the absolute path', async () => {
    const asked: string[] = [];
    const symbols = await withSupport((path) => {
      asked.push(path);
      return Promise.resolve([
        { ...known, name: 'later', startLine: 2 },
        known,
        { ...known, startLine: 9, endLine: 9 },
        { ...known, startLine: 0 },
      ]);
    });
    assert.equal(symbols, 'class known 1-3\nclass later 2-3');
    assert.deepEqual(asked, [join(process.cwd(), 'src/a.ts')]);
  });

  it('are read off the text when it knows none, or fails', async () => {
    for (const support of [
      () => Promise.resolve(undefined),
      () => Promise.resolve([]),
      () => Promise.reject(new Error('the server crashed')),
    ])
      assert.equal(await withSupport(support), 'function inText 1-3');
  });

  it('end with the signal', async () => {
    const gone = new Error('gone');
    const workspace = open({});
    await assert.rejects(workspace.symbols('a.ts', '', AbortSignal.abort(gone)), gone);
  });

  function withSupport(symbols: NonNullable<NodeWorkspaceOptions['symbols']>): Promise<string> {
    const workspace = createNodeWorkspace({
      folders: [{ name: 'ws', path: process.cwd() }],
      dataRules: () => [],
      symbols,
    });
    return workspace.symbols('src/a.ts', 'function inText() {\n  x\n}', signal).then(asText);
  }
});

async function outlineOf(path: string, text: string): Promise<string> {
  return asText(await open({}).symbols(path, text, signal));
}

function asText(symbols: readonly SymbolInfo[]): string {
  return symbols
    .map(({ name, kind, startLine, endLine, depth }) => `${'  '.repeat(depth)}${kind} ${name} ${startLine}-${endLine}`)
    .join('\n');
}

function samples(): Readonly<Record<string, { readonly text: string; readonly outline: string }>> {
  return {
    'a.ts': {
      text: `import x from 'x';

export const LIMIT = 5;

/** Counts. */
export class Counter<T> extends Base {
  readonly #n = 0;
  static of = (n: number): Counter => {
    return new Counter(n);
  };

  constructor(n: number) {
    super(n);
    if (n > 0) {
      this.go();
    }
  }

  async go(
    a: string,
  ): Promise<void> {
    const inner = (b: string) => b;
    await foo(a);
  }
}

interface Shape {
  area(): number;
}

type Kind = 'a' | 'b';
enum Color { Red }

export async function* main(
  args: readonly string[],
): AsyncGenerator<void> {
  for (const a of args) go(a);

  function nested() {
    return 1;
  }
}

export const arrow = async (x: number) => {
  it('is no symbol', () => {});
};
`,
      outline: `constant LIMIT 3-3
class Counter 6-25
  method of 8-10
  method constructor 12-17
  method go 19-24
    function inner 22-22
interface Shape 27-29
  method area 28-28
type Kind 31-31
enum Color 32-32
function main 34-42
  function nested 39-41
function arrow 44-46`,
    },
    'a.py': {
      text: `import os
MAX_SIZE = 5

class Tree(Base):
    """A tree."""

    def grow(self,
             by=1):
        x = 1
# a comment at the margin
        def inner():
            pass
        return x

    @property
    def size(self):
        return 1

async def main():
    pass
print(1)
`,
      outline: `constant MAX_SIZE 2-2
class Tree 4-17
  method grow 7-13
    function inner 11-12
  method size 16-17
function main 19-20`,
    },
    'a.go': {
      text: `package main

type Server struct {
\tport int
}

type Handler interface {
\tServe()
}

func (s *Server) Run(ctx context.Context) error {
\treturn nil
}

func main() {
\tgo run()
}
`,
      outline: `struct Server 3-5
interface Handler 7-9
method Run 11-13
function main 15-17`,
    },
    'a.rs': {
      text: `pub struct Point {
    x: i32,
}

impl fmt::Display for Point {
    pub async fn show(&self) -> String {
        String::new()
    }
}

pub(crate) const MAX: usize = 3;
mod tests {
    fn works() {}
}
fn main() {
}
`,
      outline: `struct Point 1-3
impl fmt::Display for Point 5-9
  method show 6-8
constant MAX 11-11
mod tests 12-14
  method works 13-13
function main 15-16`,
    },
    'A.java': {
      text: `package a;

public final class A extends B {
    private final Map<String, List<Integer>> m = new HashMap<>();

    public A(int x) {
        super(x);
    }

    @Override
    public List<String> names(int a,
            int b) throws IOException {
        return of(a);
    }

    interface Inner {
        void run();
    }
}
`,
      outline: `class A 3-19
  method A 6-8
  method names 11-14
  interface Inner 16-18
    method run 17-17`,
    },
    'a.cs': {
      text: `namespace N
{
    public class C
    {
        public int Add(int a)
        {
            return a;
        }
    }
}
`,
      outline: `namespace N 1-10
  class C 3-9
    method Add 5-8`,
    },
    'a.cpp': {
      text: `#include <a.h>
#define MAX 3

namespace ns {

class Foo : public Bar {
public:
  Foo(int x);
  virtual void run() {
    go();
  }
};

}

static int add(int a, int b)
{
#ifdef X
    return a;
#endif
    return b;
}

void Foo::run(int a) {
  call(a);
}

int declared(int a);
`,
      outline: `macro MAX 2-2
namespace ns 4-4
class Foo 6-12
  method Foo 8-8
  method run 9-11
function add 16-22
function Foo::run 24-26`,
    },
    'a.php': {
      text: `<?php
final class A {
    public static function of(int $x): self {
        return new self();
    }
}
function main() {
}
`,
      outline: `class A 2-6
  method of 3-5
function main 7-8`,
    },
    'a.rb': {
      text: `module M
  class A
    def go?(x)
      if x
        1
      end
    end
  end
end
`,
      outline: `module M 1-9
  class A 2-8
    method go? 3-7`,
    },
    'a.yaml': { text: 'name: a\njobs:\n  build:\n    x: 1\n# done\n', outline: 'key name 1-1\nkey jobs 2-4' },
    'a.md': {
      text: '# Top\n\ntext\n\n## One ##\n\n```sh\n# no heading\n```\n\n### Deep\n\n## Two\nx\n',
      outline: 'heading Top 1-14\n  heading One 5-12\n    heading Deep 11-12\n  heading Two 13-14',
    },
  };
}
