/** What the embedded backend says of itself and of what it could not do. */

/** Ends a sentence in every shell: what is said here does not know where it is read. */
export const ADD_BACKEND = 'in VS Code run "Orchestrator: Add a Backend", on the command line use `--roster`';

export const PASSAGES_ONLY = `*From the embedded backend, which is no language model: these are passages of your files, word for word, and not a written answer. To get one, add a language model: ${ADD_BACKEND}.*`;

export const NEEDS_CODE_BACKEND = `*This asks for code, and the embedded backend, which is no language model, writes none. This is the outline of what is involved. To have it done, add a backend that is good at \`code\`: ${ADD_BACKEND}.*`;

export const NOTHING_FOUND = 'Nothing found';

const HOW_TO_ATTACH = '`#file` or `--file`';
const HAVE_FILES = `open a folder (or name one with \`--workspace\`) or attach files (${HOW_TO_ATTACH})`;

const WHAT_TO_TRY = `Try the words that the files themselves would use, name or attach the files (${HOW_TO_ATTACH}), or add a language model: ${ADD_BACKEND}.`;

export function nothingFound(files: number): string {
  const read = files === 1 ? 'the one file that was read' : `the ${files} files that were read`;
  return files === 0
    ? `${NOTHING_FOUND}: no file could be read. ${WHAT_TO_TRY}`
    : `${NOTHING_FOUND}: no passage of ${read} bears on this request. ${WHAT_TO_TRY}`;
}

/** How many files a text of `nothingFound` says were read; 0 for any other text. */
export function filesReadForNothing(text: string): number {
  const read = /^Nothing found: no passage of (?:the (\d+) files that were|the (one) file that was) read /.exec(text);
  return read === null ? 0 : read[2] === undefined ? Number(read[1]) : 1;
}

const WHO = `I am the embedded backend of Orchestrator. I am no language model: I find passages in your files and quote them with file and line.`;

export function greeting(files: number): string {
  const next =
    files === 0
      ? `To begin, ${HAVE_FILES}, then ask about them`
      : 'Ask where or how something in this workspace is done';
  return `${WHO} ${next}; for anything that has to be written or reasoned about, add a language model: ${ADD_BACKEND}.`;
}

export const NO_FILES = `${WHO} There are no files to look into: ${HAVE_FILES} and ask again, or add a language model: ${ADD_BACKEND}.`;

const NO_CONVERSATION = `${WHO} I cannot hold a conversation. Ask \`@orchestrator\` about your files, or add a language model: ${ADD_BACKEND}.`;

const GREETING =
  /^(hi|hello|hey|hallo|good (morning|afternoon|evening|day)|thanks|thank you|thx|bye|goodbye|ok|okay|yes|no|help|test|ping)( (there|you|all|everybody|world|orchestrator|again))*$/;
const ABOUT_US =
  /^(who|what) (are|is) (you|this)$|^what (can|do) you do$|^how (do i|can i|to) (use|start|begin)( (this|you|orchestrator))?$|^what is your name$|^(which|what) model (are you|is this|do you use)$/;

/** Small talk, or a question about the one who answers: nothing that files could tell. */
export function isSmallTalk(request: string): boolean {
  const words = request
    .toLowerCase()
    .replace(/@orchestrator/g, '')
    .replace(/[^\p{L}\p{N}\s]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return words === '' || GREETING.test(words) || ABOUT_US.test(words);
}

const CODE_VERB =
  /^(please |can you |could you |would you )*(add|build|change|convert|create|delete|extend|fix|generate|implement|improve|make|migrate|modify|move|optimi[sz]e|port|refactor|remove|rename|replace|rewrite|simplify|split|update|write)\b/;

/** The reply to a chat message that comes with no files. */
export function converse(message: string): string {
  return isSmallTalk(message) ? greeting(0) : NO_CONVERSATION;
}

/** A request for a change, not for something that can be read. */
export function asksForCode(request: string): boolean {
  return (
    CODE_VERB.test(
      request
        .toLowerCase()
        .replace(/@orchestrator/g, '')
        .trim(),
    ) && !/^[^.]*\b(write|create|make|give)\b[^.]*\b(summary|overview|list|report|table|explanation)\b/i.test(request)
  );
}
