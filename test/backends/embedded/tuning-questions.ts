/** Questions that words, weights and thresholds were set on. What is measured on them says little; they show what a change does. */
import { enhancedResolve, jsoncParser, jszip } from './more-tuning-questions.ts';
import type { QuestionSet } from './question-set.ts';
import { answerable, unanswerable } from './question-set.ts';

const workerpool = answerable('workerpool', [
  [
    'How are crashed workers replaced so that the pool keeps its minimum size?',
    'src/Pool.js',
    'Pool.prototype._removeWorker = function (worker) {',
  ],
  ['What happens when too many tasks are waiting?', 'src/Pool.js', 'throw new Error("Max queue size of "'],
  ['How do I see how many workers are idle?', 'src/Pool.js', 'Pool.prototype.stats = function () {'],
  [
    'Are running jobs allowed to finish when I shut the pool down?',
    'src/Pool.js',
    'Pool.prototype.terminate = function (force, timeout) {',
  ],
  [
    'How is an exception of the worker turned back into an Error object in the main program?',
    'src/WorkerHandler.js',
    'function objectToError (obj) {',
  ],
  [
    'How does it choose a free port for debugging each worker?',
    'src/debug-port-allocator.js',
    'DebugPortAllocator.prototype.nextAvailableStartingAt = function(starting) {',
  ],
  [
    'Which option names are accepted, and what if I misspell one?',
    'src/validateOptions.js',
    'not defined in the object itself but in its prototype',
  ],
  ['Can tasks be handled last in, first out?', 'src/queues.js', 'function LIFOQueue() {'],
  ['How can I hand over a big buffer without copying it?', 'src/transfer.js', 'function Transfer(message, transfer) {'],
  ['How do I get an object whose methods run in the worker?', 'src/Pool.js', 'Pool.prototype.proxy = function () {'],
  ['How is the number of workers validated?', 'src/Pool.js', 'function validateMaxWorkers(maxWorkers) {'],
  ['What happens on the worker side just before it exits?', 'src/worker.js', ' * Cleanup and exit the worker.'],
]);

const chokidar = answerable('chokidar', [
  [
    'How does it wait until a big file has been written completely?',
    'index.js',
    '    _awaitWriteFinish(path, threshold, event, awfEmit) {',
  ],
  [
    'Which operating systems force polling?',
    'index.js',
    '// Always default to polling on IBM i because fs.watch() is not available on IBM i.',
  ],
  ['How do I stop watching a folder?', 'index.js', '    unwatch(paths_) {'],
  [
    'How are symbolic links treated while a folder is read?',
    'handler.js',
    '     * Handle symlinks encountered while reading a dir.',
  ],
  ['How does it know that a file is binary?', 'handler.js', 'const isBinaryPath = (filePath) =>'],
  [
    'How are events limited so that they do not fire too often?',
    'index.js',
    '    _throttle(actionType, path, timeout) {',
  ],
  [
    'Where are all watchers closed and listeners removed?',
    'index.js',
    '     * Close watchers and remove all listeners from watched paths.',
  ],
  ['Does it check whether I may read the file?', 'index.js', '    _hasReadPermissions(stats) {'],
  ['What does it do when a file has been deleted?', 'index.js', '    _remove(directory, item, isDirectory) {'],
  ['How are backslashes in Windows paths dealt with?', 'index.js', 'const toUnix = (string) => {'],
]);

const openai = answerable('openai', [
  ['Which HTTP status codes make it try the request again?', 'src/client.ts', '// Retry on lock timeouts.'],
  [
    'How long does it wait between attempts when the server does not say?',
    'src/client.ts',
    'private calculateDefaultRetryTimeoutMillis(',
  ],
  [
    'How are secrets kept out of the logs?',
    'src/internal/utils/log.ts',
    'export function isSensitiveHeader(name: string): boolean {',
  ],
  [
    'How does it know that it runs in a web page?',
    'src/internal/detect-platform.ts',
    'export const isRunningInBrowser = () => {',
  ],
  [
    'How do I check that a webhook really comes from the service?',
    'src/lib/webhook-signature.ts',
    'export async function verifyWebhookSignature(',
  ],
  [
    'How is the stream of server sent events cut into lines?',
    'src/internal/decoders/line.ts',
    'export class LineDecoder {',
  ],
  ['How do I fetch the following page of a list?', 'src/core/pagination.ts', '  async getNextPage(): Promise<this> {'],
  ['How can one stream be read by two consumers?', 'src/core/streaming.ts', '  tee(): [Stream<Item>, Stream<Item>] {'],
  [
    'How are uploads turned into multipart form data?',
    'src/internal/uploads.ts',
    'export const multipartFormRequestOptions = async (',
  ],
  ['How is an environment variable read?', 'src/internal/utils/env.ts', 'export const readEnv = '],
  ['How is a base64 string decoded?', 'src/internal/utils/base64.ts', 'export const fromBase64 = '],
  [
    'Which error is thrown when the connection times out?',
    'src/core/error.ts',
    'export class APIConnectionTimeoutError',
  ],
  ['How is a JSON schema made strict?', 'src/lib/transform.ts', 'export function toStrictJsonSchema('],
  [
    'How can I change options of a client without making it anew?',
    'src/client.ts',
    'withOptions(options: Partial<ClientOptions>): this {',
  ],
  ['What is sent as the user agent?', 'src/client.ts', 'private getUserAgent(): string {'],
  ['How is sleeping interrupted by an abort signal?', 'src/internal/utils/sleep.ts', 'export const sleep = '],
  [
    'How do I get the raw response with its headers together with the data?',
    'src/core/api-promise.ts',
    'async withResponse()',
  ],
  [
    'How does it wait for the processing of an uploaded file?',
    'src/lib/file-processing.ts',
    'export async function waitForFileProcessing(',
  ],
  ['How are two byte arrays put together?', 'src/internal/utils/bytes.ts', 'export function concatBytes('],
]);

export const tuning: QuestionSet = {
  packages: [
    { package: 'workerpool', version: '10.0.3', folder: 'src', endings: ['.js'] },
    { package: 'chokidar', version: '5.0.0', folder: '', endings: ['index.js', 'handler.js'] },
    { package: 'jszip', version: '3.10.2', folder: 'lib', endings: ['.js'] },
    { package: 'openai', version: '7.55.0', folder: 'src', endings: ['.ts'] },
    { package: 'enhanced-resolve', version: '5.26.0', folder: 'lib', endings: ['.js'] },
    { package: 'jsonc-parser', version: '3.3.1', folder: 'lib/esm', endings: ['.js'] },
  ],
  answerable: [...workerpool, ...chokidar, ...jszip, ...openai, ...enhancedResolve, ...jsoncParser],
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
    ...unanswerable('openai', [
      'How is a Bitcoin transaction mined?',
      'How do I draw a triangle with OpenGL?',
      'Which garbage collector does the virtual machine use?',
      'How is the leaderboard of the game ranked?',
    ]),
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
