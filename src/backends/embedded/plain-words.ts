/**
 * What people say when they ask, and what it is called where it is programmed: `word: names`. Read one way only, because the names
 * are more precise than the words. They count as near synonyms do.
 */
const PLAIN_WORDS = `
accident: unexpected error; add up: sum total; adjust: resize set update normalize; afterwards: after post finally; age: ttl old stale; alike: equal same similar
amount: count number size; anonymous: unnamed; answer: response reply result; appear: show render visible; appearance: style theme format; argument: arg param
arrive: receive event; ask: prompt request query; assemble: build compose concat; at once: parallel immediate concurrent; automatic: auto implicit default
background: daemon async worker; backwards: reverse; backup: copy snapshot; bad: invalid error; bar: progress; beautiful: pretty format; before: pre prior
beginning: start init prefix head; behave: mode; below: under child nested; big: large max size; blame: cause; blank: empty whitespace; blink: cursor
block: prevent wait lock; blow: overflow exceed; border: boundary edge; borrow: acquire lease; both: pair dual conflict together; bottom: footer epilog end after; bound: limit clamp
bracket: parenthesis delimiter; branch: fork; bring: load fetch; broad: width wide size; broken: corrupt invalid fail; budget: limit quota; bunch: list batch group; busy: active running lock
calm: throttle debounce; cancel: abort; careful: safe strict; carry: pass propagate; cat: concat; catch: handle error rescue; ceiling: max limit; chain: pipe link next
chance: random probability; change: update modify mutate diff; channel: stream pipe ipc; cheap: cost fast cache; check: validate verify test; choose: select pick resolve
chop: truncate split slice; chosen: selected default; chunk: part block; circle: circular cycle; clash: conflict collision; clean: dispose reset trim sanitize; clever: smart heuristic
clock: timer time now; close: dispose end exit; cloud: remote server; clue: hint suggestion; colour: color style ansi; column: width; combination: merge product pair; combine: merge concat join
come: receive origin; command: cmd; comma: separator delimiter list; comment: doc annotation; common: shared global; compact: minify compress; compare: diff equal sort
complain: error warn throw; complete: done finish all; complicated: complex; computer: machine host platform os; condition: predicate filter when; confirm: verify prompt; connect: socket link open
console: stdout terminal log; contact: connect request; contents: data body text; context: ctx scope state; continue: resume next; convert: transform parse cast; copy: clone duplicate
corner: edge; correct: valid fix; corresponding: match map; cost: price; count: number total length; country: locale region; couple: pair; cover: include wrap; crash: exit error uncaught fatal
cross: intersect; crowded: full limit; curious: inspect; current: active now; custom: override user; cut: truncate split slice trim; damage: corrupt; danger: unsafe risk; dash: hyphen minus kebab
date: time timestamp; deadline: timeout; deaf: ignore; declare: define register option; decide: determine resolve select should; deep: nested recursive depth; default: fallback initial; defend: protect guard
delay: sleep timeout wait defer; delete: remove unlink; deliver: send emit; demand: require mandatory imply; depend: dependency require; describe: description help; destroy: dispose close delete
detail: verbose info; detect: is has check find; develop: debug; device: platform; dictionary: map object; die: exit terminate kill; differ: diff compare; difference: diff delta distance
direct: sync immediate; dirty: changed modified; disappear: remove delete; disk: file filesystem fs; display: show print render; distance: levenshtein edit; distinguish: detect type is
distribute: spread dispatch; disturb: interrupt; divide: split partition; dollar: cost currency; dot: period extension relative; double: duplicate twice; doubt: ambiguous unknown; draft: template
draw: render print write; drop: remove discard; dry: simulate noop; duplicate: unique dedupe same; during: while running
early: before eager; earlier: previous before; easy: shorthand convenience; edge: boundary; elsewhere: external remote; embed: inline insert; empty: null blank none; end: exit finish close
enforce: assert require strict; enlarge: grow expand; enough: min sufficient; enter: input push; entire: all whole full; entrance: entry main; entry: item record; equal: same match compare
escape: quote encode; event: emit listener; everything: all; exact: strict equal; example: sample demo; except: exclude filter ignore; exchange: swap replace; exclude: filter ignore conflict; exclusive: conflict only mutual
execute: run call spawn; exist: has find missing; exit: quit terminate; expand: resolve grow; expected: actual assert required; expensive: cost slow; expire: timeout ttl; explain: describe help; explode: throw overflow
express: format; extend: inherit add; extra: excess additional more
fail: error reject; fair: balance; fake: mock stub; fallback: default; familiar: known; famous: known; fancy: style format; fast: speed performance optimize; fault: error bug; favourite: default prefer
feature: support capability option; fetch: request get load; few: missing min; field: property attribute key; fill: populate pad default; filter: select match grep; final: last end result; find: search lookup resolve
finish: end done complete close; fit: match; fix: repair correct patch; flag: option switch; flat: flatten; flow: stream pipe; flush: write drain; folder: directory dir path; follow: next after symlink
font: style; forbid: disallow reject error; force: override always; foreign: external; forever: infinite loop permanent; forget: clear delete missing; form: shape format; forward: pass propagate send
found: match result; free: available release unused; freeze: lock immutable hang; frequent: often rate; fresh: new clear reset; full: complete max overflow; fuzzy: similar approximate
gap: missing space; gather: collect; general: global default; gentle: graceful; give: pass provide return; glue: join concat; gone: missing deleted closed; goodbye: exit close; grab: acquire take get
grant: allow permission; group: section category; grow: expand increase; guess: detect infer suggest similar; guide: help usage
half: partial; hang: timeout block wait; happen: event occur; hand: pass; handle: process callback; hard: strict force; hash: digest checksum; head: first start header; headline: title heading; heavy: large slow
help: usage; hide: hidden invisible; highlight: color style; history: log previous; hit: match; hold: keep contain lock; hole: gap missing; home: user directory root; hook: callback before after; hundred: percent
identical: equal same duplicate; identify: id detect; idle: inactive free; ignore: skip exclude; illegal: invalid; image: picture; imitate: mock emulate; impatient: timeout; imply: require; improve: optimize
inactive: idle disabled; increase: increment add; indent: pad space; individual: each single; inform: notify message; inherit: parent extend copy; inject: insert; input: stdin argument; insert: add push
inside: nested within; instruct: command; integer: number; intelligent: smart; intend: expect; interactive: prompt tty; interrupt: signal abort cancel sigint; introduce: add; invent: create generate; invisible: hidden
involve: include; island: isolated; isolate: sandbox separate
job: task work; join: concat merge; jump: skip goto; justify: align
keep: retain preserve store; key: name property id; kill: terminate signal; kind: type; know: detect known is; known: registered defined
label: name title tag; lack: missing; land: arrive; language: locale; large: big max; last: final previous; late: after delay; launch: start spawn; lay: layout; lazy: defer demand; lead: prefix parent; leak: global memory
learn: read; leave: exit; left: remaining; legal: valid allowed; length: size count; lengthy: long; letter: character char; license: copyright; life: lifecycle ttl; lift: raise; light: small; limit: max cap clamp
line: row newline; link: url symlink reference; linux: unix posix; list: array all; listen: on event watch; live: running; load: read import require; local: own; locate: find resolve path; lock: mutex; log: debug print
lonely: single; look: search find; loop: iterate cycle; loose: weak; lose: drop missing; loud: verbose; lower: reduce lowercase; luck: random
machine: platform host os; mad: invalid; magic: special; mail: email; main: root entry primary; mandatory: required; map: transform; margin: indent padding; mark: flag set; marker: flag sentinel; mask: hide redact
master: main primary; match: equal find filter; maximum: max limit; mean: intend; meaning: semantic; measure: time duration width; member: property item; memory: heap cache; mention: include reference; merge: combine assign
mess: corrupt invalid; message: text; middle: between; minimum: min; mirror: copy reflect; miss: missing; missing: undefined required; mistake: error invalid typo; mix: merge combine; mode: option; monitor: watch
mouse: click; move: rename; multiple: many array several; mute: silent
name: title id; narrow: width filter; necessary: required; negate: not invert no; neighbour: adjacent; nest: child; network: http; neutral: default; nickname: alias; noise: verbose; noisy: verbose; normal: default; nothing: empty none noop
notify: emit event; null: undefined empty; number: count numeric
object: instance; obtain: get; obvious: explicit; odd: invalid; offer: provide suggest; offline: cache; old: previous legacy deprecated; omit: skip exclude; once: single first; opposite: invert negate not; optional: default
order: sort sequence priority; original: source initial; outcome: result; outdated: deprecated old; outline: summary; output: stdout write print; overlap: conflict; overload: too many; override: replace; own: custom; owner: parent
pack: encode compress; package: module; pad: fill; page: cursor; paint: draw render; pair: tuple; panic: fatal; paragraph: text wrap; parallel: concurrent worker; parent: ancestor; part: chunk segment; particular: specific
pass: forward; past: previous history; paste: insert; path: file directory; pause: sleep wait; pay: cost; peek: inspect; pending: queue wait; perform: execute run; permanent: persist; permit: allow; permitted: allowed choices valid
pick: select choose; picture: image; piece: chunk part; pile: stack queue; pipe: stream; place: position location insert; plain: raw text; plan: schedule; pleasant: pretty; plug: extension; plural: many; point: reference position
pointless: unused never; policy: rule strategy; polite: graceful; position: index offset; possible: allowed choices candidate; postpone: defer delay; pour: pipe write; power: capability; precede: before; precise: exact; predict: estimate
prefer: priority default; prefix: start lead; prepare: init setup before; present: exist has; preserve: keep; press: key; pretend: mock dry simulate; pretty: format indent; prevent: block disable; price: cost; primary: main
print: write log output stdout; priority: order precedence; private: internal hidden; problem: error fail; proceed: continue next; produce: create generate emit; profile: config; program: process cli script; progress: percent status
promise: async then; prompt: ask question; proof: verify assert; proper: valid; protect: guard lock encrypt; protocol: scheme; provide: supply; public: export; pull: fetch; punctuation: separator; push: add send; put: set write insert
quality: check; quantity: count; quarrel: conflict; question: prompt; queue: pending buffer; quick: fast; quiet: silent; quit: exit; quota: limit; quote: escape string
race: concurrent; raise: throw emit; random: uuid; range: clamp limit between; rank: sort score; rare: unlikely; rate: limit throttle; raw: unparsed original; reach: connect; react: handle callback; readable: human pretty; ready: init
real: actual; reason: message cause; rebuild: reload; recall: remember; receive: accept listen; recent: last; recover: retry restore; recursive: nested deep; red: color; reduce: shrink; refer: link reference; refill: reset
refresh: reload update; refuse: reject deny error; region: locale; register: add; regular: normal; reject: error fail; relation: parent link; release: free; reliable: safe; rely: depend; remain: rest left; remember: cache store save
remind: notify; remote: server; remove: delete strip; render: draw; repair: fix; repeat: retry loop; replace: substitute; reply: response; report: reporter output summary; represent: format string; request: req; require: mandatory must
rescue: catch recover; reserve: allocate; reset: clear restore; resolve: lookup; resource: memory file; respect: honor obey; respond: reply; rest: remaining; restart: rerun; restore: reset revert; restrict: limit choices; result: outcome
retry: attempt; reuse: cache shared; reveal: show; reverse: invert; revert: undo; review: check; right: permission valid; risk: unsafe; root: top main; rough: approximate estimate; round: clamp; row: line; rubbish: garbage invalid; ruin: corrupt
rule: constraint; run: execute start
safe: guard sanitize; same: equal duplicate; sample: example; save: store write; scan: search; scare: warn; scatter: spread; schedule: timer queue; scope: context; score: rank; screen: terminal display; script: file; search: find query
secret: password token; section: group; secure: encrypt safe; seldom: rare; self: own; sense: detect; sentence: text; separate: split; sequence: order; series: sequence list; serious: fatal; serve: server; session: login; settings: config options
shape: schema type; share: common; sharp: exact; shell: terminal bash; shift: move; short: abbreviation alias brief; shorten: truncate; shorthand: alias; shortcut: alias; shout: uppercase; show: display print; shrink: truncate; shuffle: random
side: left right; sign: signature; signal: sigint; silent: quiet; similar: distance suggest; simulate: mock; single: one only; site: url; size: length bytes width; skip: pending ignore; sleep: wait; slice: cut; slow: timeout; small: min
smart: heuristic; smooth: graceful; snapshot: copy state; sort: order compare; sound: valid; source: origin; space: whitespace indent; span: range; spare: unused; speak: language; special: reserved; speed: performance duration
spell: typo suggest; spelling: typo similar suggest; spend: cost; split: divide; spoil: corrupt; spot: detect; spread: expand; stable: sort; stack: trace; stage: phase; stamp: timestamp; standard: default; start: begin init; state: status
statement: code; stay: remain; step: phase; steal: leak; stick: keep; still: pending; stop: abort end; storage: database disk; store: save; strange: unexpected; strategy: policy; stray: orphan; stream: pipe; strict: exact; string: text
strip: remove trim; strong: strict; structure: tree schema; stub: mock; stuck: hang timeout; style: format color; subject: title; submit: send; subset: filter; substitute: replace; succeed: pass success; sudden: unexpected; suffix: end
suggest: similar; suit: match; sum: total; supply: provide; support: allow; suppress: hide ignore; sure: assert ensure; surplus: excess; surprise: unexpected; surround: wrap; survive: recover; suspend: pause; swallow: ignore catch; swap: exchange
switch: flag toggle; symbol: character; synchronous: sync; system: os platform
tab: indent completion; table: map record; tag: label; tail: end last; target: destination; taste: prefer; team: group; tear: cleanup; tell: notify; temporary: tmp; terminal: tty console; terminate: exit; text: string; theme: style
thread: worker; throttle: limit; throw: error; tick: timer; tidy: cleanup; tie: bind; tight: strict; time: duration date; tiny: small; title: name heading; together: conflict combine; token: secret; tolerate: ignore allow; tone: style
tool: cli; top: header root first; total: sum count; touch: modify; tour: help; track: watch log; trail: end suffix; transform: convert; translate: locale; transport: send; trap: catch; travel: propagate; tree: nested; trick: workaround
trigger: emit fire; trim: strip; trust: verify; truth: true; try: attempt; tune: config; turn: convert; twice: duplicate multiple; type: kind; typical: default
ugly: pretty; unable: fail; unclear: ambiguous; underline: style; understand: parse support; undo: revert; unfinished: pending; unify: normalize; unit: test; unnecessary: redundant; unpack: extract decode; unused: never; unusual: special
update: refresh; upload: send; upper: uppercase parent; urgent: priority; usage: help; useless: never unused
vague: ambiguous; valid: check; value: val; vanish: delete; variable: env; variant: type; vary: differ; verify: check; version: release; victim: target; view: show; violate: invalid; virtual: mock; visible: shown; visit: traverse; voice: sound
wait: delay; wake: resume; walk: traverse; want: request; warn: warning; waste: unused; watch: observe; weak: loose; weigh: size; weight: size; weird: unexpected; whole: full all; wide: width; widen: expand; width: column; wild: glob; window: terminal
winner: best; wire: connect; wish: prefer; within: inside; word: token; work: task; worry: warn; worse: error; worth: value; wrap: width; wrong: invalid error
yellow: color; yield: return; young: new; zero: empty none; zone: timezone`;

/** Words with what they may be called, words of one phrase joined by a space. */
export const plainWords: readonly (readonly [word: string, names: readonly string[]])[] = PLAIN_WORDS.split(/[;\n]/)
  .map((entry) => entry.split(':'))
  .filter((entry) => entry.length === 2)
  .map(([word = '', names = '']): readonly [string, readonly string[]] => [word.trim(), names.trim().split(' ')]);
