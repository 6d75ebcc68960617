import assert from 'node:assert/strict';
import { readQuestion } from '../../../src/backends/embedded/question.ts';
import { eachWord, splitIdentifier, stem, termsOfWord } from '../../../src/backends/embedded/terms.ts';

function words(text: string): readonly string[] {
  const found: string[] = [];
  eachWord(text, { from: 0, to: text.length }, (word) => found.push(word));
  return found;
}

/** What a question asks for, as `word: terms that stand for it`, the heavy ones only. */
function asked(question: string, terms: readonly string[]): readonly string[] {
  const { concepts, forms } = readQuestion(question, new Set(terms.map(stem)));
  return concepts.flatMap(({ word, weight }, at) =>
    weight < 0.8
      ? []
      : [
          `${word}: ${forms
            .filter(({ concept }) => concept === at)
            .map(({ term }) => term)
            .join(' ')}`,
        ],
  );
}

describe('Terms', () => {
  it('are the words of a text in any script, without punctuation and without data', () => {
    assert.deepEqual(words('parse_it(“Tür”, «鍵»)—now… $x'), ['parse_it', 'Tür', '鍵', 'now', '$x']);
    assert.deepEqual(words(`key ${'A'.repeat(200)} end`), ['key', 'end']);
  });

  it('come out of every way to write an identifier', () => {
    const ways = ['parseHTTPHeader', 'parse_http_header', 'PARSE_HTTP_HEADER', 'ParseHttpHeader', '#parse-http-header'];
    for (const way of ways) assert.deepEqual(splitIdentifier(way), ['parse', 'http', 'header'], way);
    assert.deepEqual(splitIdentifier('utf8Decode2'), ['utf8', 'decode2']);
    assert.deepEqual(
      [...termsOfWord('getUserAgent')].toSorted(),
      ['agent', 'get', 'getus', 'getuserag', 'user', 'userag'].toSorted(),
    );
  });

  it('bring the forms of a word together and keep different words apart', () => {
    const families = [
      ['add', 'adds', 'added', 'adding', 'addition'],
      ['retry', 'retries', 'retried', 'retrying'],
      ['serialize', 'serialise', 'serializer', 'serialized', 'serialization'],
      ['color', 'colour', 'colored', 'colours'],
      ['run', 'runs', 'running', 'ran', 'runner'],
      ['alias', 'aliases'],
      ['choose', 'chose', 'chosen', 'choice'],
    ];
    for (const family of families) assert.equal(new Set(family.map(stem)).size, 1, family.join(' '));
    assert.equal(new Set(families.map(([word = '']) => stem(word))).size, families.length);
  });

  it('of a question leave out what every question says', () => {
    assert.deepEqual(asked('Why does it happen that the color is set like this?', ['color']), ['color: color']);
  });

  it('of a question leave out what it says in German, French and Spanish too, and keep the same words of an English one', () => {
    const words = (question: string): readonly string[] => asked(question, []).map((one) => one.split(':')[0] ?? '');
    assert.deepEqual(words('Wie ist die Größe des Puffers?'), ['Größe', 'Puffers']);
    assert.deepEqual(words('Was ist die Größe der Puffer?'), ['Größe', 'Puffer']);
    assert.deepEqual(words('Quelle est la taille du tampon ?'), ['taille', 'tampon']);
    assert.deepEqual(words("Où est-ce que l'erreur est signalée dans le fichier ?"), ['erreur', 'signalée', 'fichier']);
    assert.deepEqual(words('¿Cuál es el tamaño del búfer?'), ['tamaño', 'búfer']);
    assert.deepEqual(words('Does a comment die with the MIT hat?'), ['comment', 'die', 'MIT', 'hat']);
  });

  it('of a question have words of like meaning where the sources have them', () => {
    assert.deepEqual(asked('Which folder is deleted?', ['directory', 'remove', 'door']), [
      'folder: fold directory',
      'deleted: delet remov',
    ]);
  });

  it('of a question know phrases, compounds, initials and slips', () => {
    assert.deepEqual(asked('Are there too many tasks?', ['limit', 'task']), ['too: limit', 'tasks: task']);
    assert.deepEqual(asked('when it times out', ['timeout']), ['times out: timeout']);
    assert.deepEqual(asked('last in, first out', ['lifo']), ['lifo: lifo', 'last: last', 'first: first']);
    assert.deepEqual(asked('the asynchroneous subcommand', ['asynchronous', 'sub', 'command']), [
      'asynchroneous: asynchroneous asynchronous',
      'subcommand: subcommand sub command',
    ]);
  });

  it('of a question weigh names as they are written in code', () => {
    const { concepts } = readQuestion('Where is `open` called by parseOptions?', new Set());
    assert.deepEqual(
      concepts.map(({ word, weight }) => `${word} ${weight}`),
      ['open 1.5', 'called 1', 'parseOptions 2', 'parse 0.5', 'options 0.5'],
    );
  });
});
