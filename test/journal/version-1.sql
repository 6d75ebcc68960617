-- A journal as version 1 wrote it: a finished run, an interrupted one, and what one that was removed has spent.
PRAGMA application_id = 1332896616;
PRAGMA user_version = 1;
CREATE TABLE owners (
  owner TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  start_marker TEXT NOT NULL,
  machine TEXT NOT NULL,
  heartbeat INTEGER NOT NULL
) STRICT;
CREATE TABLE runs (
  run TEXT PRIMARY KEY,
  request TEXT NOT NULL DEFAULT '',
  started INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  owner TEXT REFERENCES owners (owner) ON DELETE SET NULL,
  epoch INTEGER NOT NULL,
  last_seq INTEGER NOT NULL DEFAULT 0,
  outcome TEXT,
  tasks INTEGER NOT NULL DEFAULT 0,
  spent TEXT NOT NULL
) STRICT;
CREATE INDEX runs_started ON runs (started);
CREATE INDEX runs_owner ON runs (owner) WHERE owner IS NOT NULL;
CREATE TABLE events (
  run TEXT NOT NULL REFERENCES runs (run) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  v INTEGER NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE blobs (hash TEXT PRIMARY KEY, bytes INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
CREATE TABLE run_blobs (
  run TEXT NOT NULL REFERENCES runs (run) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  PRIMARY KEY (run, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_blobs_hash ON run_blobs (hash);
CREATE TABLE slots (
  slot TEXT PRIMARY KEY,
  backend TEXT NOT NULL,
  owner TEXT NOT NULL REFERENCES owners (owner) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX slots_backend ON slots (backend);
CREATE INDEX slots_owner ON slots (owner);
CREATE TABLE slot_waiters (
  waiter TEXT PRIMARY KEY,
  backend TEXT NOT NULL,
  owner TEXT NOT NULL REFERENCES owners (owner) ON DELETE CASCADE,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX slot_waiters_backend ON slot_waiters (backend, since);
CREATE INDEX slot_waiters_owner ON slot_waiters (owner);
CREATE TABLE call_spend (
  run TEXT NOT NULL,
  task TEXT NOT NULL,
  turn INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  backend TEXT NOT NULL,
  at INTEGER NOT NULL,
  iterations INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  usd REAL NOT NULL,
  ms REAL NOT NULL,
  tokens_known INTEGER NOT NULL,
  usd_known INTEGER NOT NULL,
  PRIMARY KEY (run, task, turn, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_spend_at ON call_spend (at, backend);
INSERT INTO runs VALUES ('finished', 'Where is the parser? Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. ', 1010, 1060, NULL, 1, 6, 'answered', 2, '{"iterations":1,"tokens":{"input":10,"output":1,"cachedInput":0},"usd":1,"ms":77,"tokensKnown":true,"usdKnown":true}');
INSERT INTO runs VALUES ('interrupted', 'Translate all texts', 2010, 2040, NULL, 1, 4, NULL, 2, '{"iterations":0,"tokens":{"input":0,"output":0,"cachedInput":0},"usd":0,"ms":0,"tokensKnown":true,"usdKnown":true}');
INSERT INTO events VALUES ('finished', 1, 1010, 1, 'run.started', '{"request":{"hash":"6a80b8b228c066fb41ec26463516d71706ff187ded11dbc1c4ef3f97c5df32f0","bytes":401},"context":"{}","source":"test","options":{"strategy":"auto","synthesis":true,"localOnly":false,"allowApi":false,"limits":{},"perTask":{},"maxTasks":200,"maxEdges":1000},"workspace":"/w"}');
INSERT INTO events VALUES ('finished', 2, 1020, 1, 'plan.accepted', '{"tasks":[{"id":"a","title":"Find it","objective":"Look for parseConfigFile","mode":"autonomous","dependsOn":[],"inputs":[]},{"id":"b","title":"Explain it","objective":"Say how it works","mode":"autonomous","dependsOn":[],"inputs":[]}]}');
INSERT INTO events VALUES ('finished', 3, 1030, 1, 'call.finished', '{"key":{"run":"finished","task":"a","turn":1,"attempt":1},"backend":"b","finish":"stop","text":"reply of a","spent":{"iterations":1,"tokens":{"input":10,"output":1,"cachedInput":0},"usd":0.5,"ms":5,"tokensKnown":true,"usdKnown":true}}');
INSERT INTO events VALUES ('finished', 4, 1040, 1, 'task.completed', '{"task":"a","backend":"b","result":{"hash":"22329fb8249e4c48169d777e5857f57e4f25e9531178d869439f2c642228289f","bytes":484},"partial":false}');
INSERT INTO events VALUES ('finished', 5, 1050, 1, 'task.completed', '{"task":"b","backend":"b","result":"It works by recursive descent.","partial":false}');
INSERT INTO events VALUES ('finished', 6, 1060, 1, 'run.finished', '{"outcome":"answered","stoppedBy":null,"answer":"The parser is a café of rules.","failure":null,"spent":{"iterations":1,"tokens":{"input":10,"output":1,"cachedInput":0},"usd":1,"ms":77,"tokensKnown":true,"usdKnown":true},"tasks":[{"id":"a","title":"a","status":"completed","backend":"b","startedAtMs":1,"endedAtMs":2,"spent":{"iterations":1,"tokens":{"input":10,"output":1,"cachedInput":0},"usd":0.5,"ms":5,"tokensKnown":true,"usdKnown":true}},{"id":"b","title":"b","status":"completed","backend":"b","startedAtMs":1,"endedAtMs":2,"spent":{"iterations":1,"tokens":{"input":10,"output":1,"cachedInput":0},"usd":0.5,"ms":5,"tokensKnown":true,"usdKnown":true}}]}');
INSERT INTO events VALUES ('interrupted', 1, 2010, 1, 'run.started', '{"request":"Translate all texts","context":"{}","source":"test","options":{"strategy":"auto","synthesis":true,"localOnly":false,"allowApi":false,"limits":{},"perTask":{},"maxTasks":200,"maxEdges":1000},"workspace":"/w"}');
INSERT INTO events VALUES ('interrupted', 2, 2020, 1, 'plan.accepted', '{"tasks":[{"id":"x","title":"German","objective":"Übersetze es","mode":"autonomous","dependsOn":[],"inputs":[]},{"id":"y","title":"French","objective":"Traduis-le","mode":"autonomous","dependsOn":[],"inputs":[]}]}');
INSERT INTO events VALUES ('interrupted', 3, 2030, 1, 'task.started', '{"task":"x","attempt":1,"backend":"b"}');
INSERT INTO events VALUES ('interrupted', 4, 2040, 1, 'task.completed', '{"task":"x","backend":"b","result":"Schmetterling","partial":false}');
INSERT INTO blobs VALUES ('6a80b8b228c066fb41ec26463516d71706ff187ded11dbc1c4ef3f97c5df32f0', 401, 'Where is the parser? Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. Long words follow. ');
INSERT INTO blobs VALUES ('22329fb8249e4c48169d777e5857f57e4f25e9531178d869439f2c642228289f', 484, 'It is in src/parser.ts. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. It begins on line one. ');
INSERT INTO run_blobs VALUES ('finished', '22329fb8249e4c48169d777e5857f57e4f25e9531178d869439f2c642228289f');
INSERT INTO run_blobs VALUES ('finished', '6a80b8b228c066fb41ec26463516d71706ff187ded11dbc1c4ef3f97c5df32f0');
INSERT INTO call_spend VALUES ('finished', 'a', 1, 1, 'b', 1030, 1, 10, 1, 0, 0.5, 5, 1, 1);
INSERT INTO call_spend VALUES ('removed', 'another', 1, 1, 'b', 3030, 1, 10, 1, 0, 0.5, 5, 1, 1);
INSERT INTO call_spend VALUES ('removed', 'telltale', 1, 1, 'b', 3020, 1, 10, 1, 0, 0.5, 5, 1, 1);
