import { stem } from './terms.ts';

/** Words that mean something else together than each alone, and what developers call it. */

/** A verb with a word some way behind it: `turn the name into a key`. */
const VERBS = `
break down: split analyze; bring back: restore; bring together: merge combine join; build up: accumulate; call off: cancel abort;
carry on: continue resume; carry out: execute perform run; come back: return restore; cut into: split divide; cut off: truncate trim;
deal with: handle process; fall back: fallback default; figure out: determine detect resolve; fill in: populate complete default;
find out: detect determine discover; get rid: remove delete dispose; give back: release return; give up: abort cancel fail;
go away: expire evict remove delete; go back: revert undo previous; go off: fire trigger; go through: iterate walk traverse; go wrong: fail error;
hand over: pass transfer; keep apart: separate isolate; keep out: exclude omit redact; keep track: track record; leave out: omit exclude skip;
leave over: remaining stale reset; let go: release free; look for: search find lookup; look up: lookup find search resolve;
make up: generate invent compose; pass on: forward propagate; pick out: select filter extract; pick up: detect load resume; point to: reference link;
pull out: extract; put back: restore; put into: insert add; put off: defer delay postpone; put together: join concat merge combine;
read in: load parse; run out: exhaust expire exceed; send back: return respond reply; set aside: reserve quarantine;
set up: setup initialize configure; shut down: shutdown close terminate; sort out: resolve filter; start over: restart reset;
take apart: split parse decompose; take away: remove subtract; take back: undo revert; take out: remove extract; take over: replace inherit adopt;
tell apart: distinguish detect differ; throw away: discard drop delete; throw out: discard remove reject; time out: timeout expire; try again: retry;
try out: attempt test; turn back: revert convert decode; turn down: reject refuse; turn into: convert transform; turn off: disable; turn on: enable;
wait for: await; work out: compute calculate determine resolve; write down: record log store`;

/** Two words side by side: `too many` means that there is a limit. */
const PAIRS = `
another try: retry; at least: min minimum; at most: max maximum limit; how big: size length max; how far: depth distance max;
how large: size length max; how long: timeout duration delay time max; how many: count number total max; how much: count amount total max;
how often: interval frequency rate; how old: ttl expire time; more than: max exceed limit; no longer: remove stale deprecated;
not enough: min missing require; not exist: unknown missing; not found: missing unknown; not known: unknown; one more: again retry extra;
right away: immediate; some time: delay timeout; too big: max limit exceed size; too early: before premature; too few: min missing require;
too large: max limit exceed size; too late: after timeout; too long: max timeout limit truncate; too many: max limit exceed excess;
too much: max limit exceed excess; too often: throttle debounce limit rate; too short: min length pad; up to: max limit`;

/** What is mostly written in its first letters. */
const INITIALS = `
abstract syntax tree; access control list; application programming interface; byte order mark; command line interface; content security policy;
cyclic redundancy check; continuous integration; cross origin resource sharing; cross site request forgery; cross site scripting;
current working directory; directed acyclic graph; document object model; domain name system; end of file; end of line; first in first out;
garbage collection; graphical user interface; inter process communication; last in first out; least recently used; operating system;
remote procedure call; server sent events; single sign on; software development kit; time to live; user interface`;

/** `break down: split analyze` becomes [`break down`, [`split`, `analyz`]]; the first word of the key is a stem. */
function meaningsOf(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    text.split(';').map((entry): [string, readonly string[]] => {
      const [words = '', meanings = ''] = entry.trim().split(': ');
      const [first = '', second = ''] = words.split(' ');
      return [`${stem(first)} ${second}`, meanings.split(' ').map(stem)];
    }),
  );
}

const VERB_MEANINGS = meaningsOf(VERBS);
const PAIR_MEANINGS = meaningsOf(PAIRS);
const INITIALS_OF: ReadonlyMap<string, string> = new Map(
  INITIALS.split(';')
    .map((phrase) => phrase.trim())
    .map((phrase): [string, string] => [
      phrase,
      phrase
        .split(' ')
        .map((word) => word.charAt(0))
        .join(''),
    ]),
);
const LONGEST = 4;

/** What a verb's stem means with `behind` behind it: `look` with `for` means to search. Stems. */
export function meaningsOfVerb(verb: string, behind: string): readonly string[] {
  return VERB_MEANINGS.get(`${verb} ${behind}`) ?? [];
}

/** What two words side by side mean. Stems. */
export function meaningsOfPair(left: string, right: string): readonly string[] {
  return PAIR_MEANINGS.get(`${stem(left)} ${right}`) ?? [];
}

/** The initials of a phrase that begins with the first of `words`: `last in first out` gives `lifo`. */
export function initialsOf(words: readonly string[]): string | undefined {
  for (let length = 2; length <= LONGEST; length++) {
    const found = INITIALS_OF.get(words.slice(0, length).join(' '));
    if (found !== undefined) return found;
  }
  return undefined;
}
