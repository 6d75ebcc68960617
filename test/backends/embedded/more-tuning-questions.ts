/** The part of the tuning questions that is about libraries for files and JSON. */
import { answerable } from './question-set.ts';

export const jszip = answerable('jszip', [
  [
    'How do I delete a directory and everything below it from the archive?',
    'lib/object.js',
    '    remove: function(name) {',
  ],
  ['What happens when a path contains two dots?', 'lib/utils.js', 'exports.resolve = function(path) {'],
  [
    'How is a very long list of bytes made into a string without blowing the stack?',
    'lib/utils.js',
    '    stringifyByChunk: function(array, type, chunk) {',
  ],
  [
    'Where are the file permissions of Linux written into the archive?',
    'lib/generate/ZipFileWorker.js',
    'var generateUnixExternalFileAttr = function (unixPermissions, isDir) {',
  ],
  ['How is a checksum over the contents calculated?', 'lib/crc32.js', 'function crc32(crc, buf, len, pos) {'],
  ['Does it notice that an entry is protected with a password?', 'lib/zipEntry.js', '    isEncrypted: function() {'],
  ['How is text encoded to bytes?', 'lib/utf8.js', 'exports.utf8encode = function utf8encode(str) {'],
  ['How do I get the finished zip as a promise?', 'lib/object.js', '    generateAsync: function(options, onUpdate) {'],
  ['How do I find only those files that fulfil a condition?', 'lib/object.js', '    filter: function(search) {'],
  [
    'Which input types are accepted, and how is the type recognised?',
    'lib/utils.js',
    'exports.getTypeOf = function(input) {',
  ],
  [
    'What if the compression method of a file is not known?',
    'lib/zipEntry.js',
    'var findCompression = function(compressionMethod) {',
  ],
  [
    'Where is the table at the end of the zip file read?',
    'lib/zipEntries.js',
    '    readBlockEndOfCentral: function() {',
  ],
  [
    'How can a stream be stopped for a while and continued afterwards?',
    'lib/stream/GenericWorker.js',
    "     * Pause the stream so it doesn't send events anymore.",
  ],
  [
    'How does an error travel along the chain of workers?',
    'lib/stream/GenericWorker.js',
    '     * End the stream with an error.',
  ],
  ['What is done to make folder names end with a slash?', 'lib/object.js', 'var forceTrailingSlash = function(path) {'],
  ['How are several objects combined into one?', 'lib/utils.js', 'exports.extend = function() {'],
  ['How is a number written in hexadecimal?', 'lib/generate/ZipFileWorker.js', 'var decToHex = function(dec, bytes) {'],
  ['Are the folders above a new file created too?', 'lib/object.js', 'var parentFolder = function (path) {'],
  [
    'How are non-ASCII file names in old archives handled?',
    'lib/zipEntry.js',
    '    findExtraFieldUnicodePath: function() {',
  ],
  ['How is base64 text turned back into bytes?', 'lib/base64.js', 'exports.decode = function(input) {'],
  ['Where is the date of a file packed into the format of MS-DOS?', 'lib/generate/ZipFileWorker.js', '    // date'],
  [
    'How does it put off the call of a function to a later turn of the event loop?',
    'lib/utils.js',
    'exports.delay = function(callback, args, self) {',
  ],
  ['Where are listeners added to a stream?', 'lib/stream/GenericWorker.js', '     * Add a callback on an event.'],
  [
    'What keeps me from changing the chain after it has started?',
    'lib/stream/GenericWorker.js',
    '    lock: function () {',
  ],
]);

export const enhancedResolve = answerable('enhanced-resolve', [
  [
    'How does it notice that resolving goes round in circles?',
    'lib/Resolver.js',
    '\thas(query) {',
    'lib/Resolver.js',
    '`Recursion in resolving\\nStack:',
  ],
  [
    'How are comments taken out of a JSON file before it is parsed?',
    'lib/util/strip-json-comments.js',
    'function stripJsonComments(',
  ],
  [
    'How does it find out whether a quote is escaped?',
    'lib/util/strip-json-comments.js',
    'const isEscaped = (jsonString, quotePosition) => {',
  ],
  ['How do I turn a path into a file URL?', 'lib/util/pathToFileURL.js', 'function pathToFileURL(filepath, options) {'],
  [
    'Which characters of a path get percent-encoded?',
    'lib/util/pathToFileURL.js',
    'function encodePathChars(filepath, windows) {',
  ],
  [
    'When several patterns in tsconfig paths match, which one wins?',
    'lib/TsconfigPathsPlugin.js',
    'function sortByLongestPrefix(arr) {',
  ],
  [
    'What happens to ${configDir} in a tsconfig?',
    'lib/TsconfigPathsPlugin.js',
    'function substituteConfigDir(pathValue, configDir) {',
  ],
  [
    'How are two tsconfig objects combined when one extends the other?',
    'lib/TsconfigPathsPlugin.js',
    'function mergeTsconfigs(base, config) {',
  ],
  [
    'How are identical file system operations merged that run at the same time?',
    'lib/CachedInputFileSystem.js',
    'class OperationMergerBackend {',
  ],
  ['How do cached file system results get old and go away?', 'lib/CachedInputFileSystem.js', '\t_decayLevel() {'],
  [
    'Is there a function to test whether one path is inside another?',
    'lib/util/path.js',
    'const isInside = (parentPath, childPath) => {',
    'lib/util/path.js',
    'const isSubPath = (parentPath, childPath) => {',
  ],
  [
    'How are drive letters and UNC paths normalized in the browser?',
    'lib/util/path-browser.js',
    'function win32Normalize(path) {',
  ],
  [
    'How is the cache key of a request built?',
    'lib/UnsafeCachePlugin.js',
    'function getCacheId(type, request, withContext, resolver) {',
  ],
  [
    'How is the content of a file decoded to text without relying on Node?',
    'lib/util/fs.js',
    'const decodeText = (data) => {',
  ],
  [
    'How does parseIdentifier split a request into path, query and fragment?',
    'lib/util/identifier.js',
    'function parseIdentifier(identifier) {',
  ],
  [
    'Where is package.json looked for in the parent folders?',
    'lib/DescriptionFileUtils.js',
    'function loadDescriptionFile(',
  ],
  ['Which function goes up one directory?', 'lib/DescriptionFileUtils.js', 'function cdUp(directory) {'],
  [
    'When is the target of an exports entry invalid?',
    'lib/util/entrypoints.js',
    'function assertExportTarget(exp, expectFolder) {',
  ],
  [
    'How is one of the conditions such as import or require chosen in the exports field?',
    'lib/util/entrypoints.js',
    'function computeConditionalMapping(conditionalMapping_, conditionNames) {',
  ],
  [
    'Which of two wildcard keys in the exports field is more specific?',
    'lib/util/entrypoints.js',
    'function patternKeyCompare(a, b) {',
  ],
  ['Where are symbolic links followed?', 'lib/SymlinkPlugin.js', 'fs.readlink(path, (err, result) => {'],
  [
    'What if a package map names a dependency that does not exist?',
    'lib/util/packageMap.js',
    ' * Dangling dependency targets are rejected here rather than at resolution',
  ],
  [
    'Where do the default options of a resolver come from?',
    'lib/ResolverFactory.js',
    'function createOptions(options) {',
  ],
  [
    'How can I make sure that results stay inside a certain folder?',
    'lib/RestrictionsPlugin.js',
    '`${path} is not inside of the restriction ${restriction.rule}`,',
  ],
]);

export const jsoncParser = answerable('jsonc-parser', [
  [
    'How can I strip the comments from a JSON text?',
    'lib/esm/impl/parser.js',
    'export function stripComments(text, replaceCh) {',
    'lib/esm/main.js',
    'export const stripComments = parser.stripComments;',
  ],
  ['How do I delete a property?', 'lib/esm/impl/edit.js', 'export function removeProperty(text, path, options) {'],
  ['What happens if two edits overlap?', 'lib/esm/main.js', "throw new Error('Overlapping edit');"],
  ['Which line ending does the formatter use?', 'lib/esm/impl/format.js', 'function getEOL(options, text) {'],
  [
    'How is the level of indentation computed from tabs and spaces?',
    'lib/esm/impl/format.js',
    'function computeIndentLevel(content, options) {',
  ],
  ['How are unicode escapes in strings read?', 'lib/esm/impl/scanner.js', 'const ch3 = scanHexDigits(4, true);'],
  ['How is a number with an exponent scanned?', 'lib/esm/impl/scanner.js', '    function scanNumber() {'],
  [
    'Is a comma allowed behind the last property of an object?',
    'lib/esm/impl/parser.js',
    '    function parseObject() {',
  ],
  [
    'What does the parser do when the closing bracket of an array is missing?',
    'lib/esm/impl/parser.js',
    'handleError(8 /* ParseErrorCode.CloseBracketExpected */',
  ],
  [
    'How does the parser skip tokens to recover from an error?',
    'lib/esm/impl/parser.js',
    'function handleError(error, skipUntilAfter = [], skipUntil = []) {',
  ],
  ['How can a visitor leave out the children of an object?', 'lib/esm/impl/parser.js', 'if (cbReturn === false) {'],
  [
    'How do I find the node at the cursor position?',
    'lib/esm/impl/parser.js',
    'export function findNodeAtOffset(node, offset, includeRightBound = false) {',
    'lib/esm/main.js',
    'export const findNodeAtOffset = parser.findNodeAtOffset;',
  ],
  [
    'How do I get the path of a node in the tree?',
    'lib/esm/impl/parser.js',
    'export function getNodePath(node) {',
    'lib/esm/main.js',
    'export const getNodePath = parser.getNodePath;',
  ],
  [
    'How do I get a readable name for a parse error code?',
    'lib/esm/main.js',
    'export function printParseErrorCode(code) {',
  ],
  ['Where is a new item appended to an array?', 'lib/esm/impl/edit.js', 'if (insertIndex === -1) {'],
  [
    'What if something shall be deleted from an empty document?',
    'lib/esm/impl/edit.js',
    "throw new Error('Can not delete in empty document');",
  ],
  [
    'Why are strings of spaces and line breaks cached?',
    'lib/esm/impl/string-intern.js',
    'const maxCachedValues = 200;',
  ],
  [
    'How does getLocation match a pattern with wildcards against the path?',
    'lib/esm/impl/parser.js',
    '        matches: (pattern) => {',
  ],
  [
    'Is the text formatted again after an edit was applied?',
    'lib/esm/impl/edit.js',
    'function withFormatting(text, edit, options) {',
  ],
  [
    'How are comments over several lines scanned, and what if they never end?',
    'lib/esm/impl/scanner.js',
    '// Multi-line comment',
  ],
  ['Which characters count as whitespace?', 'lib/esm/impl/scanner.js', 'function isWhiteSpace(ch) {'],
  [
    'How do I parse into a tree instead of a plain object?',
    'lib/esm/impl/parser.js',
    'export function parseTree(text, errors = [], options = ParseOptions.DEFAULT) {',
    'lib/esm/main.js',
    'export const parseTree = parser.parseTree;',
  ],
]);
