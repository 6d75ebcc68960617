/** Words that developers use for one another, in groups. A word may be in several. */

/** Spellings of one word. */
const SAME = `
arg argument args; opt option; opts options option; param parameter; env environment; cmd command; msg message; err error; config configuration conf;
dir directory folder; str string; num number; fn func function; cb callback; ctx context; db database; req request; res resp response;
auth authentication authenticate; authz authorization authorize; init initialize initialization; max maximum; min minimum; prev previous;
tmp temp temporary; char character; id identifier; ids identifiers id identifier; regex regexp; spec specification; repo repository; dep dependency;
async asynchronous; sync synchronous; info information; doc documentation document; src source; dest destination; lib library; pkg package;
util utility; attr attribute; prop property; props properties property; val value; len length; idx index; obj object; ref reference;
exec execute execution; pos position; diff difference; proc process; ms millisecond; sec second; col column; addr address; img image; btn button;
nav navigation; admin administrator; perf performance; sig signature; ext extension; ver version; symlink symbolic; stdin stdout stderr stdio;
js javascript; ts typescript; url uri link; crc checksum`;

/** Enough of one meaning that a passage with the one may answer a question with the other. */
const NEAR = `
remove delete drop erase strip unset clear discard purge eliminate unlink; add append insert push register attach include;
create make build construct new generate instantiate produce factory; replace substitute swap exchange override;
change modify update edit mutate alter patch set; copy clone duplicate replicate; move rename relocate transfer;
convert transform coerce cast translate map turn normalize; parse interpret decode analyze read; serialize encode stringify marshal dump;
deserialize decode unmarshal parse revive; format pretty layout render style; split divide separate tokenize break cut chunk;
join merge combine concatenate concat together; collect gather accumulate aggregate; escape quote sanitize encode; compress zip gzip shrink minify;
wrap fold break; fill populate complete pad; trim strip cut truncate shorten; round floor ceil approximate; sort order rank arrange;
filter select exclude only keep; find search lookup locate query discover detect seek; detect recognize recognise discover sniff guess;
choose select pick prefer decide resolve; compare difference diff equal same distance; match equal fit correspond test; count total number amount;
calculate compute evaluate estimate determine derive; check validate verify test assert ensure confirm; allow permit enable accept support;
permitted allowed valid choice; forbid disallow prevent refuse reject deny block disable prohibit;
limit restrict bound cap threshold throttle maximum clamp range; ignore skip omit exclude suppress; hide hidden invisible conceal mask;
show display print render output draw write; highlight color mark emphasize; read load fetch get retrieve obtain receive;
write save store persist put record output; send transmit post emit dispatch publish forward pass; receive accept listen consume read;
forward relay propagate pass proxy; call invoke run execute apply trigger; start begin launch spawn run boot open;
stop end halt abort cancel terminate kill finish quit shutdown close; exit quit terminate end; wait delay sleep pause await;
retry repeat again attempt try; rerun restart repeat again reload; continue resume proceed; watch observe monitor listen track;
notify alert inform emit event announce; subscribe listen register observe; connect link attach bind; open connect establish;
close disconnect release shut; lock mutex exclusive acquire; release free unlock dispose; reset restore revert clear initial; undo revert rollback;
cleanup clean dispose teardown destroy; setup initialize prepare bootstrap configure; install setup deploy; share reuse common inherit;
inherit copy parent ancestor extend; wrap decorate proxy enclose; group section category heading bucket; expand extend grow enlarge;
resize shrink scale dimension; upload multipart attach; download fetch pull; render draw paint; log logger logging print record;
debug inspect debugger trace; measure time duration profile benchmark; suggest suggestion recommend hint propose; help usage manual assist guide;
delay defer postpone wait later; pause suspend halt stop hold; protect secure guard encrypt; transfer hand pass give;
distinguish differentiate discriminate differ tell; finish complete end done conclude; fire emit trigger raise dispatch; occur happen fire;
enclose surround wrap bracket; iterate loop walk traverse visit each; scan walk search traverse; inject insert embed; wake resume continue;
reserve allocate acquire claim; guess infer assume estimate; explain describe document; drop lose discard; finalize finish flush close;
drain flush empty; reach arrive access; hold keep contain store; customize customise override configure; silence suppress mute quiet;
balance distribute spread; schedule plan queue timer; rank score weight;
fail failure error crash broken reject; error exception fault problem throw thrown raise mistake; throw raise reject; warn warning deprecate caution;
conflict clash collision collide contradict incompatible exclude exclusive; missing absent lacking undefined required;
unknown unrecognized unrecognised unexpected invalid unsupported; invalid wrong bad illegal malformed incorrect corrupt;
excess extra additional surplus; typo misspell mistype misspelled mistyped misspelling spelling; leak leaked escape; timeout deadline expire expiry;
stack trace backtrace frame; message text reason; overflow exceed limit;
required mandatory necessary must demand; optional voluntary; default fallback initial standard; duplicate twice repeated multiple again;
unique random uuid nonce distinct; empty blank none; hidden private internal secret; public exported visible; circular cycle cyclic recursive;
nested child inner deep recursive; parallel concurrent simultaneous worker; busy active running occupied; idle free available unused;
pending waiting queued unfinished; done finished complete completed; ready available initialized; dirty changed modified;
old stale outdated previous legacy deprecated; recent latest newest; global everywhere shared; local own private; negative minus below;
large big huge long max; small tiny short min; slow performance speed latency; fast quick speed performance; similar alike close resemble;
different differ distinct other;
flag option switch; setting option preference configuration; variable global var; alias nickname shortcut; color colour colored ansi;
terminal console tty screen shell; width column wide size; heading header title; version release; order sequence precedence priority;
worker thread process; fork spawn child process; child sub nested descendant; parent ancestor upper; signal interrupt sigint sigterm;
hook listener handler callback subscriber; duration elapsed time; date time timestamp clock calendar; interval period frequency; memory heap;
cache memoize cached; fixture setup teardown; report reporter summary; result outcome output; queue backlog pending waiting; task job work;
pool workers; secret sensitive credential password token key redact private; encrypt cipher crypto; hash digest checksum crc fingerprint;
password passphrase credential encrypt; unicode utf ascii charset encoding; often frequency rate throttle debounce; comment annotation remark;
header heading; punctuation symbol character; whitespace blank space indent; indent margin padding; newline eol line; quote quotation apostrophe;
slash separator delimiter; separator delimiter comma; prefix beginning leading; suffix ending trailing; root top base; depth level nesting;
owner author creator; language locale translation i18n; keyboard key stdin; cursor caret position; mouse click pointer; button click;
amount quantity size; size length bytes; percentage ratio percent; money currency amount; statistics stats metrics; metric measure stat;
login signin authenticate; account member profile; permission access role privilege right; page pagination cursor; next following subsequent;
stream chunk iterator; endpoint host url address; network http connection socket; browser window web dom; node nodejs server;
server backend host service; client consumer caller; folder directory path; file path document; text string content; line row; word term token;
array list collection; map dictionary record table; promise thenable async; module import require esm commonjs; cjs commonjs require;
esm import module; plugin extension addon; template placeholder; pattern glob wildcard regexp; schema model type shape; binary bytes buffer blob;
character letter char; number numeric integer digit; dash hyphen; property attribute field key member; program application script executable binary;
executable binary program script; state status; example sample demo; description summary text; environment process variable;
platform operating system os; windows win32; mac macos darwin; symlink link; price cost charge fee; picture image icon`;

function groupsOf(text: string): readonly (readonly string[])[] {
  return text.split(';').map((group) => group.trim().split(' '));
}

export const sameWords: readonly (readonly string[])[] = groupsOf(SAME);
export const nearWords: readonly (readonly string[])[] = groupsOf(NEAR);
