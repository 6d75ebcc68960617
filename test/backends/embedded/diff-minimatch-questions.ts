/**
 * Forty-nine questions about diff and minimatch that nothing was tuned on: written when words, weights and thresholds stood, counted,
 * and never looked into one by one. Whoever tunes on them must write new ones.
 */
import type { QuestionSet } from './question-set.ts';
import { answerable, unanswerable } from './question-set.ts';

const diff = answerable('diff', [
  [
    'How is a patch applied to a text?',
    'libesm/patch/apply.js',
    'export function applyPatch(source, patch, options = {}) {',
    'libesm/patch/apply.js',
    'function applyStructuredPatch(source, patch, options = {}) {',
  ],
  [
    'How does the fuzz factor work when a hunk does not fit?',
    'libesm/patch/apply.js',
    ' * If that still fails, and `fuzzFactor` is greater than zero',
    'libesm/patch/apply.js',
    '    function applyHunk(hunkLines, toPos, maxErrors',
  ],
  [
    'What happens when a patch is applied to a file without a newline at its end?',
    'libesm/patch/apply.js',
    '// Before anything else, handle EOFNL insertion/removal.',
  ],
  [
    'In which order are positions tried when looking for the place of a hunk?',
    'libesm/util/distance-iterator.js',
    'export default function',
  ],
  ['How do I reverse a patch?', 'libesm/patch/reverse.js', 'export function reversePatch(structuredPatch) {'],
  [
    'How are the Unix line endings of a patch converted to Windows ones?',
    'libesm/patch/line-endings.js',
    'export function unixToWin(patch) {',
  ],
  [
    'How can I tell that a text has only Windows line endings?',
    'libesm/util/string.js',
    'export function hasOnlyWinLineEndings(string) {',
  ],
  ['How do I get the changes as XML?', 'libesm/convert/xml.js', 'export function convertChangesToXML(changes) {'],
  ['Which characters are escaped in the XML output?', 'libesm/convert/xml.js', 'function escapeHTML(s) {'],
  [
    "How can I use the result with Google's diff-match-patch?",
    'libesm/convert/dmp.js',
    'export function convertChangesToDMP(changes) {',
  ],
  ['What counts as a word character when words are compared?', 'libesm/diff/word.js', 'const extendedWordChars ='],
  [
    'Why do the tokens of a word diff include the whitespace around them?',
    'libesm/diff/word.js',
    '// We have to include surrounding whitespace in the tokens because the two',
  ],
  ['Can the computation be stopped after a certain time?', 'libesm/diff/base.js', 'const maxExecutionTime ='],
  [
    'How do I limit the number of edits?',
    'libesm/diff/base.js',
    'maxEditLength = Math.min(maxEditLength, options.maxEditLength);',
  ],
  [
    "How does the search differ from Myers's original algorithm?",
    'libesm/diff/base.js',
    '// This optimization is not faithful to the original algorithm presented in',
  ],
  [
    'How are the components turned into the final list of changes?',
    'libesm/diff/base.js',
    '    buildValues(lastComponent, newTokens, oldTokens) {',
  ],
  ['Where can I give my own function to compare tokens?', 'libesm/diff/base.js', '        if (options.comparator) {'],
  [
    'How are JSON objects made comparable whatever the order of their keys?',
    'libesm/diff/json.js',
    'export function canonicalize(',
  ],
  ['When does a file name in a patch have to be quoted?', 'libesm/patch/create.js', 'function needsQuoting(s) {'],
  ['How is a quoted file name parsed?', 'libesm/patch/parse.js', 'function parseQuotedFileName(s) {'],
  ['How many context lines does a patch have by default?', 'libesm/patch/create.js', 'optionsObj.context = 4;'],
  ['What is written to a Git patch for a renamed file?', 'libesm/patch/create.js', "ret.push('rename from '"],
  ['How is a hunk parsed?', 'libesm/patch/parse.js', '    function parseHunk() {'],
  [
    'How do I apply several patches to files that are loaded with callbacks?',
    'libesm/patch/apply.js',
    'export function applyPatches(uniDiff, options) {',
  ],
  [
    'How is the longest common prefix of two strings found?',
    'libesm/util/string.js',
    'export function longestCommonPrefix(str1, str2) {',
  ],
  [
    'Why is trailing whitespace not found with a regular expression?',
    'libesm/util/string.js',
    '// Yes, this looks overcomplicated and dumb',
  ],
  [
    'How is text split into lines, and where does the newline go?',
    'libesm/diff/line.js',
    'export function tokenize(value, options) {',
    'libesm/patch/create.js',
    'function splitLines(text) {',
  ],
]);

const minimatch = answerable('minimatch', [
  [
    'What does it do with patterns that are comments?',
    'dist/esm/index.js',
    '// shortcut: comments match nothing.',
    'dist/esm/index.js',
    '// empty patterns and comments match nothing.',
  ],
  ['How are braces expanded?', 'dist/esm/index.js', 'export const braceExpand = (pattern, options = {}) => {'],
  ['How long may a pattern be?', 'dist/esm/assert-valid-pattern.js', 'const MAX_PATTERN_LENGTH = '],
  ['How do I escape the magic characters of a glob?', 'dist/esm/escape.js', 'export const escape = '],
  ['How do I undo the escaping of a pattern?', 'dist/esm/unescape.js', 'export const unescape = '],
  [
    'How are POSIX character classes translated to unicode properties?',
    'dist/esm/brace-expressions.js',
    'const posixClasses = {',
  ],
  ['How is an exclamation mark at the start of a pattern handled?', 'dist/esm/index.js', '    parseNegate() {'],
  [
    'How does ** match any number of folders?',
    'dist/esm/index.js',
    '    #matchGlobstar(file, pattern, partial, fileIndex, patternIndex) {',
    'dist/esm/index.js',
    '    #matchGlobStarBodySections(',
  ],
  [
    'How can I filter a list of files with a pattern?',
    'dist/esm/index.js',
    'export const match = (list, pattern, options = {}) => {',
    'dist/esm/index.js',
    'export const filter = (pattern, options = {})',
  ],
  [
    'How do I create a minimatch with default options of my own?',
    'dist/esm/index.js',
    'export const defaults = (def) => {',
  ],
  [
    'Is there a fast path for common patterns such as *.js?',
    'dist/esm/index.js',
    'const starDotExtRE = ',
    'dist/esm/index.js',
    '// *, *.*, and *.<ext>  Add a fast check method for those.',
  ],
  [
    'How are drive letters and UNC paths compared on Windows?',
    'dist/esm/index.js',
    '// Drive letters in absolute drive or unc paths are always compared',
  ],
  [
    'How are unneeded .. parts taken out of a path?',
    'dist/esm/index.js',
    '    levelTwoFileOptimize(parts) {',
    'dist/esm/index.js',
    '    levelOneOptimize(globParts) {',
  ],
  ['How are adjacent ** portions merged into one?', 'dist/esm/index.js', '    adjascentGlobstarOptimize(globParts) {'],
  ['How is the whole pattern turned into one regular expression?', 'dist/esm/index.js', '    makeRe() {'],
  ['Which platform is assumed if I do not give one?', 'dist/esm/index.js', 'const defaultPlatform = '],
  [
    'How does hasMagic decide that a pattern has wildcards?',
    'dist/esm/index.js',
    '    hasMagic() {',
    'dist/esm/ast.js',
    '    get hasMagic() {',
  ],
  ['How is an extglob parsed into a tree?', 'dist/esm/ast.js', '    static #parseAST(str, ast, pos, opt, extDepth) {'],
  ['How is a path split at its slashes?', 'dist/esm/index.js', '    slashSplit(p) {'],
  ['How are nested extglobs flattened?', 'dist/esm/ast.js', '    #flatten() {'],
  [
    'What keeps a wildcard from matching files that start with a dot?',
    'dist/esm/ast.js',
    'const startNoDot = ',
    'dist/esm/ast.js',
    '// so we need to protect against dots and such.',
  ],
  [
    'Is the matching given up when a pattern has too many ** sections?',
    'dist/esm/index.js',
    '// if limit exceeded, no match. intentional false negative,',
  ],
]);

export const diffAndMinimatch: QuestionSet = {
  packages: [
    { package: 'diff', version: '9.0.0', folder: 'libesm', endings: ['.js'] },
    { package: 'minimatch', version: '10.2.6', folder: 'dist/esm', endings: ['.js'] },
  ],
  answerable: [...diff, ...minimatch],
  unanswerable: [
    ...unanswerable('diff', [
      'How are database migrations run?',
      'Where is the user logged in?',
      'How is an image cropped?',
      'How do I open a websocket?',
      'Which CPU architecture is detected?',
      'How are emails validated?',
      'How is the progress bar animated?',
      'Where are prices rounded to cents?',
      'How is the audio volume changed?',
      'How does the garbage collector work?',
      'How are access tokens refreshed?',
    ]),
    ...unanswerable('minimatch', [
      'How is a file uploaded?',
      'How do I send a notification?',
      'Where are the translations loaded?',
      'How is the database backed up?',
      'How does the login work?',
      'How do I draw a chart?',
      'Which HTTP status is returned?',
      'How are worker threads started?',
      'How is a password hashed?',
      'Where is the invoice printed?',
      'How do I configure the proxy server?',
    ]),
  ],
};
