/**
 * Questions with known answers in the source of pinned packages of node_modules.
 *
 * Written before the ranking was tuned. `heldOut` is what the claims of the documentation are measured on and was not
 * looked at while tuning; `tuning` is what weights and thresholds were set on. The two share no package.
 * An answer is a line, named by a text that occurs on exactly one line of the file; numbers are resolved at run time.
 */

export interface Answer {
  /** Path inside the package. */
  readonly file: string;
  readonly anchor: string;
}

export interface AnswerableQuestion {
  readonly package: string;
  readonly question: string;
  /** Any of them is right; mostly there is one. */
  readonly answers: readonly Answer[];
}

export interface UnanswerableQuestion {
  readonly package: string;
  readonly question: string;
}

export interface PackageSources {
  readonly package: string;
  /** The version in package-lock.json; another one makes the anchors meaningless. */
  readonly version: string;
  readonly folder: string;
  readonly endings: readonly string[];
}

export interface QuestionSet {
  readonly packages: readonly PackageSources[];
  readonly answerable: readonly AnswerableQuestion[];
  readonly unanswerable: readonly UnanswerableQuestion[];
}

/** A question, the place of its answer and, where another place answers as well, that too. */
type Row = readonly [question: string, file: string, anchor: string, alsoFile?: string, alsoAnchor?: string];

function answerable(name: string, rows: readonly Row[]): readonly AnswerableQuestion[] {
  return rows.map(([question, file, anchor, alsoFile, alsoAnchor]) => ({
    package: name,
    question,
    answers: [{ file, anchor }, ...(alsoFile === undefined || alsoAnchor === undefined ? [] : [{ file: alsoFile, anchor: alsoAnchor }])],
  }));
}

function unanswerable(name: string, questions: readonly string[]): readonly UnanswerableQuestion[] {
  return questions.map((question) => ({ package: name, question }));
}

const commander = answerable('commander', [
  ['How is the distance between two words computed for spelling suggestions?', 'lib/suggestSimilar.js', 'function editDistance(a, b)'],
  ['What happens when someone types a command that does not exist?', 'lib/command.js', '  unknownCommand() {'],
  ['Where are environment variables read to fill in option values?', 'lib/command.js', '  _parseOptionsEnv() {'],
  ['How can I stop two flags from being used together?', 'lib/option.js', '  conflicts(names) {'],
  ['Which exit code does the program end with when the help is shown because of an error?', 'lib/command.js', 'let exitCode = Number(process.exitCode ?? 0);'],
  ['How do I prevent the library from calling process.exit so that I can test it?', 'lib/command.js', '  exitOverride(fn) {'],
  ['How can I run my own code before every action, such as setting up logging?', 'lib/command.js', '  hook(event, listener) {'],
  ['How are long descriptions wrapped to fit the width of the terminal?', 'lib/help.js', '  boxWrap(str, width) {'],
  ['Where is the child process for an external subcommand started?', 'lib/command.js', "proc = childProcess.spawn(executableFile, args, { stdio: 'inherit' });"],
  ['Are signals such as Ctrl-C forwarded to the spawned program?', 'lib/command.js', "const signals = ['SIGUSR1',"],
  ['How does it avoid a clash of debugger ports when it launches another node program?', 'lib/command.js', 'function incrementNodeInspectorPort(args) {'],
  ['How does it decide whether colored output is wanted?', 'lib/command.js', 'export function useColor() {'],
  ['Can I parse twice without values left over from the first time?', 'lib/command.js', '  restoreStateBeforeParse() {'],
  ['How do I restrict an option to a fixed set of allowed values?', 'lib/option.js', '  choices(values) {'],
  ['How are negative numbers told apart from flags on the command line?', 'lib/command.js', 'const negativeNumberArg = (arg) => {'],
  ['What is the error when too many arguments are given?', 'lib/command.js', '  _excessArguments(receivedArgs) {'],
  ['How is a flag name with dashes turned into a property name?', 'lib/option.js', 'function camelcase(str) {'],
  ['How can I list the commands in the help under headings of their own?', 'lib/command.js', '  commandsGroup(heading) {'],
  ['Where does it check that required options were provided?', 'lib/command.js', '  _checkForMissingMandatoryOptions() {'],
  ['How can I get all options including those of the parent command?', 'lib/command.js', '  optsWithGlobals() {'],
  ['How do I hide an option from the help output?', 'lib/option.js', '  hideHelp(hide = true) {'],
  ['How can I print extra text such as examples after the usage help?', 'lib/command.js', '  addHelpText(position, text) {'],
  ['How does it find out whether it is running inside Electron?', 'lib/command.js', 'if (process.versions?.electron) {'],
  ['How do I give a command a second, shorter name?', 'lib/command.js', '  alias(alias) {'],
]);

const mocha = answerable('mocha', [
  ['How does it detect that a test leaked a global variable?', 'lib/runner.js', 'Runner.prototype.checkGlobals = function (test) {'],
  ['Which error is raised when done() is called multiple times?', 'lib/errors.js', 'function createMultipleDoneError(runnable, originalErr) {'],
  ['In what order are config files looked up?', 'lib/cli/config.cjs', 'exports.CONFIG_FILES = ['],
  ['How does a failed test get another try?', 'lib/runner.js', 'clonedTest.currentRetry(retry + 1);'],
  ['How are internal frames removed from stack traces?', 'lib/utils.cjs', 'exports.stackTraceFilter = function () {'],
  ['Where is the rainbow cat drawn?', 'lib/reporters/nyan.js', '  drawNyanCat() {'],
  ['How does watch mode rerun the tests when I type rs?', 'lib/cli/watch-run.cjs', '// Keyboard shortcut for restarting when "rs\\n" is typed (ala Nodemon)'],
  ['How are circular references handled when the JSON report is written?', 'lib/reporters/json.js', 'function cleanCycles(obj) {'],
  ['How is an error object made fit to be sent between processes?', 'lib/nodejs/serializer.js', "// we need to reference the stack prop b/c it's lazily-loaded."],
  ['Which characters are removed because XML does not allow them?', 'lib/reporters/xunit.js', 'function stripInvalidXmlCharacters(value) {'],
  ['How is the difference between expected and actual shown inline?', 'lib/reporters/base.js', 'function inlineDiff(actual, expected) {'],
  ['How does it recognise that it runs on a continuous integration server?', 'lib/utils.cjs', 'exports.isCI = () => {'],
  ['Why does using the debugger switch off timeouts?', 'lib/cli/node-flags.cjs', 'function impliesNoTimeouts(flag) {'],
  ['How is a string of command line arguments split while respecting quotes?', 'lib/cli/parse-args.js', 'const splitArgs = (args) => {'],
  ['What does it do about file arguments that match nothing?', 'lib/cli/run-helpers.cjs', 'const handleUnmatchedFiles = (mocha, unmatchedFiles) => {'],
  ['How is a module loaded when it could be either ESM or CommonJS?', 'lib/nodejs/esm-utils.cjs', 'const tryImportAndRequire = async (file, esmDecorator) => {'],
  ['What happens to the remaining tests when a beforeEach hook fails?', 'lib/runner.js', ' * - Failed `before each` hook skips remaining tests in a'],
  ['How are all tests but the exclusive ones thrown out of a suite?', 'lib/suite.js', '  filterOnly() {'],
  ['How are unique identifiers for tests generated?', 'lib/utils.cjs', 'exports.uniqueID = () => {'],
  ['How does it tell whether a function returned a promise?', 'lib/utils.cjs', 'exports.isPromise = function isPromise(value) {'],
  ['How does the GitHub reporter find the line of a failing test?', 'lib/reporters/github-actions.js', 'function extractLocation(stackTrace) {'],
  ['How does it make sure that all output is flushed before the process exits?', 'lib/cli/run-helpers.cjs', 'const exitMocha = (clampedCode) => {'],
  ['Can I give both a grep and an fgrep filter?', 'lib/cli/run.cjs', 'if (argv.fgrep && argv.grep) {'],
  ['Where are watched files dropped from the module cache before a rerun?', 'lib/cli/watch-run.cjs', 'const blastCache = (watcher) => {'],
]);

const workerpool = answerable('workerpool', [
  ['How are crashed workers replaced so that the pool keeps its minimum size?', 'src/Pool.js', 'Pool.prototype._removeWorker = function (worker) {'],
  ['What happens when too many tasks are waiting?', 'src/Pool.js', 'throw new Error("Max queue size of "'],
  ['How do I see how many workers are idle?', 'src/Pool.js', 'Pool.prototype.stats = function () {'],
  ['Are running jobs allowed to finish when I shut the pool down?', 'src/Pool.js', 'Pool.prototype.terminate = function (force, timeout) {'],
  ['How is an exception of the worker turned back into an Error object in the main program?', 'src/WorkerHandler.js', 'function objectToError (obj) {'],
  ['How does it choose a free port for debugging each worker?', 'src/debug-port-allocator.js', 'DebugPortAllocator.prototype.nextAvailableStartingAt = function(starting) {'],
  ['Which option names are accepted, and what if I misspell one?', 'src/validateOptions.js', 'not defined in the object itself but in its prototype'],
  ['Can tasks be handled last in, first out?', 'src/queues.js', 'function LIFOQueue() {'],
  ['How can I hand over a big buffer without copying it?', 'src/transfer.js', 'function Transfer(message, transfer) {'],
  ['How do I get an object whose methods run in the worker?', 'src/Pool.js', 'Pool.prototype.proxy = function () {'],
  ['How is the number of workers validated?', 'src/Pool.js', 'function validateMaxWorkers(maxWorkers) {'],
  ['What happens on the worker side just before it exits?', 'src/worker.js', ' * Cleanup and exit the worker.'],
]);

const chokidar = answerable('chokidar', [
  ['How does it wait until a big file has been written completely?', 'index.js', '    _awaitWriteFinish(path, threshold, event, awfEmit) {'],
  ['Which operating systems force polling?', 'index.js', '// Always default to polling on IBM i because fs.watch() is not available on IBM i.'],
  ['How do I stop watching a folder?', 'index.js', '    unwatch(paths_) {'],
  ['How are symbolic links treated while a folder is read?', 'handler.js', '     * Handle symlinks encountered while reading a dir.'],
  ['How does it know that a file is binary?', 'handler.js', 'const isBinaryPath = (filePath) =>'],
  ['How are events limited so that they do not fire too often?', 'index.js', '    _throttle(actionType, path, timeout) {'],
  ['Where are all watchers closed and listeners removed?', 'index.js', '     * Close watchers and remove all listeners from watched paths.'],
  ['Does it check whether I may read the file?', 'index.js', '    _hasReadPermissions(stats) {'],
  ['What does it do when a file has been deleted?', 'index.js', '    _remove(directory, item, isDirectory) {'],
  ['How are backslashes in Windows paths dealt with?', 'index.js', 'const toUnix = (string) => {'],
]);

const openai = answerable('openai', [
  ['Which HTTP status codes make it try the request again?', 'src/client.ts', '// Retry on lock timeouts.'],
  ['How long does it wait between attempts when the server does not say?', 'src/client.ts', 'private calculateDefaultRetryTimeoutMillis('],
  ['How are secrets kept out of the logs?', 'src/internal/utils/log.ts', 'export function isSensitiveHeader(name: string): boolean {'],
  ['How does it know that it runs in a web page?', 'src/internal/detect-platform.ts', 'export const isRunningInBrowser = () => {'],
  ['How do I check that a webhook really comes from the service?', 'src/lib/webhook-signature.ts', 'export async function verifyWebhookSignature('],
  ['How is the stream of server sent events cut into lines?', 'src/internal/decoders/line.ts', 'export class LineDecoder {'],
  ['How do I fetch the following page of a list?', 'src/core/pagination.ts', '  async getNextPage(): Promise<this> {'],
  ['How can one stream be read by two consumers?', 'src/core/streaming.ts', '  tee(): [Stream<Item>, Stream<Item>] {'],
  ['How are uploads turned into multipart form data?', 'src/internal/uploads.ts', 'export const multipartFormRequestOptions = async ('],
  ['How is an environment variable read?', 'src/internal/utils/env.ts', 'export const readEnv = '],
  ['How is a base64 string decoded?', 'src/internal/utils/base64.ts', 'export const fromBase64 = '],
  ['Which error is thrown when the connection times out?', 'src/core/error.ts', 'export class APIConnectionTimeoutError'],
  ['How is a JSON schema made strict?', 'src/lib/transform.ts', 'export function toStrictJsonSchema('],
  ['How can I change options of a client without making it anew?', 'src/client.ts', 'withOptions(options: Partial<ClientOptions>): this {'],
  ['What is sent as the user agent?', 'src/client.ts', 'private getUserAgent(): string {'],
  ['How is sleeping interrupted by an abort signal?', 'src/internal/utils/sleep.ts', 'export const sleep = '],
  ['How do I get the raw response with its headers together with the data?', 'src/core/api-promise.ts', 'async withResponse()'],
  ['How does it wait for the processing of an uploaded file?', 'src/lib/file-processing.ts', 'export async function waitForFileProcessing('],
  ['How are two byte arrays put together?', 'src/internal/utils/bytes.ts', 'export function concatBytes('],
]);

const jszip = answerable('jszip', [
  ['How do I delete a directory and everything below it from the archive?', 'lib/object.js', '    remove: function(name) {'],
  ['What happens when a path contains two dots?', 'lib/utils.js', 'exports.resolve = function(path) {'],
  ['How is a very long list of bytes made into a string without blowing the stack?', 'lib/utils.js', '    stringifyByChunk: function(array, type, chunk) {'],
  ['Where are the file permissions of Linux written into the archive?', 'lib/generate/ZipFileWorker.js', 'var generateUnixExternalFileAttr = function (unixPermissions, isDir) {'],
  ['How is a checksum over the contents calculated?', 'lib/crc32.js', 'function crc32(crc, buf, len, pos) {'],
  ['Does it notice that an entry is protected with a password?', 'lib/zipEntry.js', '    isEncrypted: function() {'],
  ['How is text encoded to bytes?', 'lib/utf8.js', 'exports.utf8encode = function utf8encode(str) {'],
  ['How do I get the finished zip as a promise?', 'lib/object.js', '    generateAsync: function(options, onUpdate) {'],
  ['How do I find only those files that fulfil a condition?', 'lib/object.js', '    filter: function(search) {'],
  ['Which input types are accepted, and how is the type recognised?', 'lib/utils.js', 'exports.getTypeOf = function(input) {'],
  ['What if the compression method of a file is not known?', 'lib/zipEntry.js', 'var findCompression = function(compressionMethod) {'],
  ['Where is the table at the end of the zip file read?', 'lib/zipEntries.js', '    readBlockEndOfCentral: function() {'],
  ['How can a stream be stopped for a while and continued afterwards?', 'lib/stream/GenericWorker.js', "     * Pause the stream so it doesn't send events anymore."],
  ['How does an error travel along the chain of workers?', 'lib/stream/GenericWorker.js', '     * End the stream with an error.'],
  ['What is done to make folder names end with a slash?', 'lib/object.js', 'var forceTrailingSlash = function(path) {'],
  ['How are several objects combined into one?', 'lib/utils.js', 'exports.extend = function() {'],
  ['How is a number written in hexadecimal?', 'lib/generate/ZipFileWorker.js', 'var decToHex = function(dec, bytes) {'],
  ['Are the folders above a new file created too?', 'lib/object.js', 'var parentFolder = function (path) {'],
  ['How are non-ASCII file names in old archives handled?', 'lib/zipEntry.js', '    findExtraFieldUnicodePath: function() {'],
  ['How is base64 text turned back into bytes?', 'lib/base64.js', 'exports.decode = function(input) {'],
  ['Where is the date of a file packed into the format of MS-DOS?', 'lib/generate/ZipFileWorker.js', '    // date'],
  ['How does it put off the call of a function to a later turn of the event loop?', 'lib/utils.js', 'exports.delay = function(callback, args, self) {'],
  ['Where are listeners added to a stream?', 'lib/stream/GenericWorker.js', '     * Add a callback on an event.'],
  ['What keeps me from changing the chain after it has started?', 'lib/stream/GenericWorker.js', '    lock: function () {'],
]);

const yargs = answerable('yargs', [
  ['Does it say which command was probably meant after a spelling mistake?', 'build/lib/validation.js', '    self.recommendCommands = function recommendCommands(cmd, potentialCommands) {'],
  ['Which message appears for values outside the permitted set?', 'build/lib/validation.js', '    self.limitedChoices = function limitedChoices(argv) {'],
  ['What if a mandatory argument is left out?', 'build/lib/validation.js', '    self.requiredArguments = function requiredArguments(argv, demandedOptions) {'],
  ['How are arguments reported that nobody declared?', 'build/lib/validation.js', '    self.unknownArguments = function unknownArguments(argv, aliases'],
  ['Can using one option demand that another is there as well?', 'build/lib/validation.js', '    self.implies = function implies(key, value) {'],
  ['How are arguments that exclude each other detected?', 'build/lib/validation.js', '    self.conflicting = function conflictingFn(argv) {'],
  ['How is the help kept out of sight of an option that is not to be shown?', 'build/lib/usage.js', '    function filterHiddenOptions(key) {'],
  ['How broad may the help text get?', 'build/lib/usage.js', '    function windowWidth() {'],
  ['How is the version number printed?', 'build/lib/usage.js', '    self.showVersion = level => {'],
  ['What happens after a failure: is the help shown and the process left?', 'build/lib/usage.js', '    self.fail = function fail(msg, err) {'],
  ['How do I make a script for tab completion in bash or zsh?', 'build/lib/completion.js', '    generateCompletionScript($0, cmd) {'],
  ['Where are the names of subcommands suggested by completion?', 'build/lib/completion.js', '    commandCompletions(completions, args, current) {'],
  ['Can I let options be set by environment variables with a common prefix?', 'build/lib/yargs-factory.js', '    env(prefix) {'],
  ['How do I take settings from package.json?', 'build/lib/yargs-factory.js', '    pkgConf(key, rootPath) {'],
  ['How do I tell it to understand another language?', 'build/lib/yargs-factory.js', '    locale(locale) {'],
  ['How can a whole folder of command modules be loaded?', 'build/lib/command.js', '    addDirectory(dir, req, callerFile, opts) {'],
  ['How are positional arguments put into the result?', 'build/lib/command.js', '    populatePositional(positional, argv, positionalMap) {'],
  ['How does a program turn off leaving the process on its own?', 'build/lib/yargs-factory.js', '    exitProcess(enabled = true) {'],
  ['How do I count how often a flag was given?', 'build/lib/yargs-factory.js', '    count(keys) {'],
  ['Where do I put a line at the bottom of the help?', 'build/lib/yargs-factory.js', '    epilogue(msg) {'],
]);

const enhancedResolve = answerable('enhanced-resolve', [
  ['How does it notice that resolving goes round in circles?', 'lib/Resolver.js', '\thas(query) {', 'lib/Resolver.js', '`Recursion in resolving\\nStack:'],
  ['How are comments taken out of a JSON file before it is parsed?', 'lib/util/strip-json-comments.js', 'function stripJsonComments('],
  ['How does it find out whether a quote is escaped?', 'lib/util/strip-json-comments.js', 'const isEscaped = (jsonString, quotePosition) => {'],
  ['How do I turn a path into a file URL?', 'lib/util/pathToFileURL.js', 'function pathToFileURL(filepath, options) {'],
  ['Which characters of a path get percent-encoded?', 'lib/util/pathToFileURL.js', 'function encodePathChars(filepath, windows) {'],
  ['When several patterns in tsconfig paths match, which one wins?', 'lib/TsconfigPathsPlugin.js', 'function sortByLongestPrefix(arr) {'],
  ['What happens to ${configDir} in a tsconfig?', 'lib/TsconfigPathsPlugin.js', 'function substituteConfigDir(pathValue, configDir) {'],
  ['How are two tsconfig objects combined when one extends the other?', 'lib/TsconfigPathsPlugin.js', 'function mergeTsconfigs(base, config) {'],
  ['How are identical file system operations merged that run at the same time?', 'lib/CachedInputFileSystem.js', 'class OperationMergerBackend {'],
  ['How do cached file system results get old and go away?', 'lib/CachedInputFileSystem.js', '\t_decayLevel() {'],
  ['Is there a function to test whether one path is inside another?', 'lib/util/path.js', 'const isInside = (parentPath, childPath) => {', 'lib/util/path.js', 'const isSubPath = (parentPath, childPath) => {'],
  ['How are drive letters and UNC paths normalized in the browser?', 'lib/util/path-browser.js', 'function win32Normalize(path) {'],
  ['How is the cache key of a request built?', 'lib/UnsafeCachePlugin.js', 'function getCacheId(type, request, withContext, resolver) {'],
  ['How is the content of a file decoded to text without relying on Node?', 'lib/util/fs.js', 'const decodeText = (data) => {'],
  ['How does parseIdentifier split a request into path, query and fragment?', 'lib/util/identifier.js', 'function parseIdentifier(identifier) {'],
  ['Where is package.json looked for in the parent folders?', 'lib/DescriptionFileUtils.js', 'function loadDescriptionFile('],
  ['Which function goes up one directory?', 'lib/DescriptionFileUtils.js', 'function cdUp(directory) {'],
  ['When is the target of an exports entry invalid?', 'lib/util/entrypoints.js', 'function assertExportTarget(exp, expectFolder) {'],
  ['How is one of the conditions such as import or require chosen in the exports field?', 'lib/util/entrypoints.js', 'function computeConditionalMapping(conditionalMapping_, conditionNames) {'],
  ['Which of two wildcard keys in the exports field is more specific?', 'lib/util/entrypoints.js', 'function patternKeyCompare(a, b) {'],
  ['Where are symbolic links followed?', 'lib/SymlinkPlugin.js', 'fs.readlink(path, (err, result) => {'],
  ['What if a package map names a dependency that does not exist?', 'lib/util/packageMap.js', ' * Dangling dependency targets are rejected here rather than at resolution'],
  ['Where do the default options of a resolver come from?', 'lib/ResolverFactory.js', 'function createOptions(options) {'],
  ['How can I make sure that results stay inside a certain folder?', 'lib/RestrictionsPlugin.js', '`${path} is not inside of the restriction ${restriction.rule}`,'],
]);

const jsoncParser = answerable('jsonc-parser', [
  ['How can I strip the comments from a JSON text?', 'lib/esm/impl/parser.js', 'export function stripComments(text, replaceCh) {', 'lib/esm/main.js', 'export const stripComments = parser.stripComments;'],
  ['How do I delete a property?', 'lib/esm/impl/edit.js', 'export function removeProperty(text, path, options) {'],
  ['What happens if two edits overlap?', 'lib/esm/main.js', "throw new Error('Overlapping edit');"],
  ['Which line ending does the formatter use?', 'lib/esm/impl/format.js', 'function getEOL(options, text) {'],
  ['How is the level of indentation computed from tabs and spaces?', 'lib/esm/impl/format.js', 'function computeIndentLevel(content, options) {'],
  ['How are unicode escapes in strings read?', 'lib/esm/impl/scanner.js', 'const ch3 = scanHexDigits(4, true);'],
  ['How is a number with an exponent scanned?', 'lib/esm/impl/scanner.js', '    function scanNumber() {'],
  ['Is a comma allowed behind the last property of an object?', 'lib/esm/impl/parser.js', '    function parseObject() {'],
  ['What does the parser do when the closing bracket of an array is missing?', 'lib/esm/impl/parser.js', 'handleError(8 /* ParseErrorCode.CloseBracketExpected */'],
  ['How does the parser skip tokens to recover from an error?', 'lib/esm/impl/parser.js', 'function handleError(error, skipUntilAfter = [], skipUntil = []) {'],
  ['How can a visitor leave out the children of an object?', 'lib/esm/impl/parser.js', 'if (cbReturn === false) {'],
  ['How do I find the node at the cursor position?', 'lib/esm/impl/parser.js', 'export function findNodeAtOffset(node, offset, includeRightBound = false) {', 'lib/esm/main.js', 'export const findNodeAtOffset = parser.findNodeAtOffset;'],
  ['How do I get the path of a node in the tree?', 'lib/esm/impl/parser.js', 'export function getNodePath(node) {', 'lib/esm/main.js', 'export const getNodePath = parser.getNodePath;'],
  ['How do I get a readable name for a parse error code?', 'lib/esm/main.js', 'export function printParseErrorCode(code) {'],
  ['Where is a new item appended to an array?', 'lib/esm/impl/edit.js', 'if (insertIndex === -1) {'],
  ['What if something shall be deleted from an empty document?', 'lib/esm/impl/edit.js', "throw new Error('Can not delete in empty document');"],
  ['Why are strings of spaces and line breaks cached?', 'lib/esm/impl/string-intern.js', 'const maxCachedValues = 200;'],
  ['How does getLocation match a pattern with wildcards against the path?', 'lib/esm/impl/parser.js', '        matches: (pattern) => {'],
  ['Is the text formatted again after an edit was applied?', 'lib/esm/impl/edit.js', 'function withFormatting(text, edit, options) {'],
  ['How are comments over several lines scanned, and what if they never end?', 'lib/esm/impl/scanner.js', '// Multi-line comment'],
  ['Which characters count as whitespace?', 'lib/esm/impl/scanner.js', 'function isWhiteSpace(ch) {'],
  ['How do I parse into a tree instead of a plain object?', 'lib/esm/impl/parser.js', 'export function parseTree(text, errors = [], options = ParseOptions.DEFAULT) {', 'lib/esm/main.js', 'export const parseTree = parser.parseTree;'],
]);

const diff = answerable('diff', [
  ['How is a patch applied to a text?', 'libesm/patch/apply.js', 'export function applyPatch(source, patch, options = {}) {', 'libesm/patch/apply.js', 'function applyStructuredPatch(source, patch, options = {}) {'],
  ['How does the fuzz factor work when a hunk does not fit?', 'libesm/patch/apply.js', ' * If that still fails, and `fuzzFactor` is greater than zero', 'libesm/patch/apply.js', '    function applyHunk(hunkLines, toPos, maxErrors'],
  ['What happens when a patch is applied to a file without a newline at its end?', 'libesm/patch/apply.js', '// Before anything else, handle EOFNL insertion/removal.'],
  ['In which order are positions tried when looking for the place of a hunk?', 'libesm/util/distance-iterator.js', 'export default function'],
  ['How do I reverse a patch?', 'libesm/patch/reverse.js', 'export function reversePatch(structuredPatch) {'],
  ['How are the Unix line endings of a patch converted to Windows ones?', 'libesm/patch/line-endings.js', 'export function unixToWin(patch) {'],
  ['How can I tell that a text has only Windows line endings?', 'libesm/util/string.js', 'export function hasOnlyWinLineEndings(string) {'],
  ['How do I get the changes as XML?', 'libesm/convert/xml.js', 'export function convertChangesToXML(changes) {'],
  ['Which characters are escaped in the XML output?', 'libesm/convert/xml.js', 'function escapeHTML(s) {'],
  ["How can I use the result with Google's diff-match-patch?", 'libesm/convert/dmp.js', 'export function convertChangesToDMP(changes) {'],
  ['What counts as a word character when words are compared?', 'libesm/diff/word.js', 'const extendedWordChars ='],
  ['Why do the tokens of a word diff include the whitespace around them?', 'libesm/diff/word.js', '// We have to include surrounding whitespace in the tokens because the two'],
  ['Can the computation be stopped after a certain time?', 'libesm/diff/base.js', 'const maxExecutionTime ='],
  ['How do I limit the number of edits?', 'libesm/diff/base.js', 'maxEditLength = Math.min(maxEditLength, options.maxEditLength);'],
  ["How does the search differ from Myers's original algorithm?", 'libesm/diff/base.js', '// This optimization is not faithful to the original algorithm presented in'],
  ['How are the components turned into the final list of changes?', 'libesm/diff/base.js', '    buildValues(lastComponent, newTokens, oldTokens) {'],
  ['Where can I give my own function to compare tokens?', 'libesm/diff/base.js', '        if (options.comparator) {'],
  ['How are JSON objects made comparable whatever the order of their keys?', 'libesm/diff/json.js', 'export function canonicalize('],
  ['When does a file name in a patch have to be quoted?', 'libesm/patch/create.js', 'function needsQuoting(s) {'],
  ['How is a quoted file name parsed?', 'libesm/patch/parse.js', 'function parseQuotedFileName(s) {'],
  ['How many context lines does a patch have by default?', 'libesm/patch/create.js', 'optionsObj.context = 4;'],
  ['What is written to a Git patch for a renamed file?', 'libesm/patch/create.js', "ret.push('rename from '"],
  ['How is a hunk parsed?', 'libesm/patch/parse.js', '    function parseHunk() {'],
  ['How do I apply several patches to files that are loaded with callbacks?', 'libesm/patch/apply.js', 'export function applyPatches(uniDiff, options) {'],
  ['How is the longest common prefix of two strings found?', 'libesm/util/string.js', 'export function longestCommonPrefix(str1, str2) {'],
  ['Why is trailing whitespace not found with a regular expression?', 'libesm/util/string.js', '// Yes, this looks overcomplicated and dumb'],
  ['How is text split into lines, and where does the newline go?', 'libesm/diff/line.js', 'export function tokenize(value, options) {', 'libesm/patch/create.js', 'function splitLines(text) {'],
]);

const minimatch = answerable('minimatch', [
  ['What does it do with patterns that are comments?', 'dist/esm/index.js', '// shortcut: comments match nothing.', 'dist/esm/index.js', '// empty patterns and comments match nothing.'],
  ['How are braces expanded?', 'dist/esm/index.js', 'export const braceExpand = (pattern, options = {}) => {'],
  ['How long may a pattern be?', 'dist/esm/assert-valid-pattern.js', 'const MAX_PATTERN_LENGTH = '],
  ['How do I escape the magic characters of a glob?', 'dist/esm/escape.js', 'export const escape = '],
  ['How do I undo the escaping of a pattern?', 'dist/esm/unescape.js', 'export const unescape = '],
  ['How are POSIX character classes translated to unicode properties?', 'dist/esm/brace-expressions.js', 'const posixClasses = {'],
  ['How is an exclamation mark at the start of a pattern handled?', 'dist/esm/index.js', '    parseNegate() {'],
  ['How does ** match any number of folders?', 'dist/esm/index.js', '    #matchGlobstar(file, pattern, partial, fileIndex, patternIndex) {', 'dist/esm/index.js', '    #matchGlobStarBodySections('],
  ['How can I filter a list of files with a pattern?', 'dist/esm/index.js', 'export const match = (list, pattern, options = {}) => {', 'dist/esm/index.js', 'export const filter = (pattern, options = {})'],
  ['How do I create a minimatch with default options of my own?', 'dist/esm/index.js', 'export const defaults = (def) => {'],
  ['Is there a fast path for common patterns such as *.js?', 'dist/esm/index.js', 'const starDotExtRE = ', 'dist/esm/index.js', '// *, *.*, and *.<ext>  Add a fast check method for those.'],
  ['How are drive letters and UNC paths compared on Windows?', 'dist/esm/index.js', '// Drive letters in absolute drive or unc paths are always compared'],
  ['How are unneeded .. parts taken out of a path?', 'dist/esm/index.js', '    levelTwoFileOptimize(parts) {', 'dist/esm/index.js', '    levelOneOptimize(globParts) {'],
  ['How are adjacent ** portions merged into one?', 'dist/esm/index.js', '    adjascentGlobstarOptimize(globParts) {'],
  ['How is the whole pattern turned into one regular expression?', 'dist/esm/index.js', '    makeRe() {'],
  ['Which platform is assumed if I do not give one?', 'dist/esm/index.js', 'const defaultPlatform = '],
  ['How does hasMagic decide that a pattern has wildcards?', 'dist/esm/index.js', '    hasMagic() {', 'dist/esm/ast.js', '    get hasMagic() {'],
  ['How is an extglob parsed into a tree?', 'dist/esm/ast.js', '    static #parseAST(str, ast, pos, opt, extDepth) {'],
  ['How is a path split at its slashes?', 'dist/esm/index.js', '    slashSplit(p) {'],
  ['How are nested extglobs flattened?', 'dist/esm/ast.js', '    #flatten() {'],
  ['What keeps a wildcard from matching files that start with a dot?', 'dist/esm/ast.js', 'const startNoDot = ', 'dist/esm/ast.js', '// so we need to protect against dots and such.'],
  ['Is the matching given up when a pattern has too many ** sections?', 'dist/esm/index.js', '// if limit exceeded, no match. intentional false negative,'],
]);

export const heldOut: QuestionSet = {
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

export const seenLater: QuestionSet = {
  packages: [
    { package: 'enhanced-resolve', version: '5.26.0', folder: 'lib', endings: ['.js'] },
    { package: 'jsonc-parser', version: '3.3.1', folder: 'lib/esm', endings: ['.js'] },
  ],
  answerable: [...enhancedResolve, ...jsoncParser],
  unanswerable: [
    ...unanswerable('enhanced-resolve', [
      'How is a database transaction rolled back?',
      'Where are unit tests executed?',
      'How does the spell checker work?',
      'How is the login page rendered?',
      'Which colour has the progress bar?',
      'How is an HTTP request retried after a timeout?',
      'How are emails queued for delivery?',
      'How is a video thumbnail generated?',
      'Where is the user session stored?',
      'How are database rows locked?',
      'How is audio played back?',
    ]),
    ...unanswerable('jsonc-parser', [
      'How is a file downloaded?',
      'How do I connect to Redis?',
      'Where is the shopping cart emptied?',
      'How does authentication work?',
      'How is a YAML document parsed?',
      'How is the bundle minified for production?',
      'How do I start a worker thread?',
      'How is the schema validated against a remote server?',
      'Which port does the server listen on?',
      'How are images compressed?',
      'How do I schedule a cron job?',
    ]),
  ],
};

export const seen: QuestionSet = {
  packages: [
    { package: 'commander', version: '15.1.0', folder: 'lib', endings: ['.js'] },
    { package: 'mocha', version: '12.0.3', folder: 'lib', endings: ['.js', '.cjs'] },
  ],
  answerable: [...commander, ...mocha],
  unanswerable: [
    ...unanswerable('commander', [
      'How are database connections pooled?',
      'Where is the JWT token verified?',
      'How is an image resized before upload?',
      'How does the websocket reconnect after it was dropped?',
      'How are passwords hashed?',
      'How do I render a React component on the server?',
      'Which Kubernetes namespace is the service deployed to?',
      'How is an email sent to the customer?',
      'How do I draw a progress bar with a percentage?',
      'How is a YAML config file parsed?',
      'How do I ask the user for a password interactively?',
    ]),
    ...unanswerable('mocha', [
      'How are HTTP requests retried with exponential backoff?',
      'How is the database schema migrated?',
      'Where is the OAuth token refreshed?',
      'How are snapshots compared and updated?',
      'How is CSS minified?',
      'How does the scheduler pick the next Kubernetes node?',
      'How are invoices calculated with tax?',
      "Where is the user's avatar uploaded to S3?",
      'How is SQL injection prevented?',
      'How do I change the font size of the editor?',
      'How is the shopping cart stored in the session cookie?',
    ]),
  ],
};

export const tuning: QuestionSet = {
  packages: [
    { package: 'workerpool', version: '10.0.3', folder: 'src', endings: ['.js'] },
    { package: 'chokidar', version: '5.0.0', folder: '', endings: ['index.js', 'handler.js'] },
    { package: 'jszip', version: '3.10.2', folder: 'lib', endings: ['.js'] },
    { package: 'yargs', version: '18.2.0', folder: 'build/lib', endings: ['.js'] },
    { package: 'openai', version: '7.55.0', folder: 'src', endings: ['.ts'] },
  ],
  answerable: [...workerpool, ...chokidar, ...jszip, ...yargs, ...openai],
  unanswerable: [
    ...unanswerable('workerpool', [
      'How is a GraphQL query resolved?',
      'How do I translate the user interface into French?',
      'Where are credit card payments processed?',
      'How is the video encoded?',
      'How does the cache evict old entries?',
      'How are rows of the table sorted by date?',
    ]),
    ...unanswerable('chokidar', [
      'How are users authenticated against LDAP?',
      'How is the PDF invoice generated?',
      'How do I resize the window of the application?',
      'How does the compiler inline small functions?',
      'Where is the shopping cart total computed?',
      'How are HTTP cookies signed?',
    ]),
    ...unanswerable('jszip', [
      'How is the login form validated?',
      'How does the router match a URL to a page?',
      'How is the temperature sensor calibrated?',
      'Where are push notifications scheduled?',
      'How is the mail server configured?',
      'How do I mock the network in a test?',
    ]),
    ...unanswerable('yargs', [
      'How are thumbnails of photos made?',
      'How is the battery level read?',
      'Where is the invoice number assigned?',
      'How does the load balancer pick a server?',
    ]),
    ...unanswerable('openai', [
      'How is a Bitcoin transaction mined?',
      'How do I draw a triangle with OpenGL?',
      'Which garbage collector does the virtual machine use?',
      'How is the leaderboard of the game ranked?',
    ]),
  ],
};
