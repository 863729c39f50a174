/** "tocs" in ASCII: marks a file as ours in its header (SQLite file format, offset 68). */
export const APPLICATION_ID = 0x746f6373;

/** Forward only: a store is brought from version n to n + 1 by the nth text. Never change one that was released. */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE boot (
  no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, pid INTEGER NOT NULL, host TEXT NOT NULL, version TEXT NOT NULL,
  started_at INTEGER NOT NULL, heartbeat_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;

CREATE TABLE run (
  no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, flow TEXT NOT NULL, rev INTEGER NOT NULL,
  state_type TEXT NOT NULL, state_name TEXT NOT NULL, message TEXT NOT NULL, state_at INTEGER NOT NULL,
  due_at INTEGER, error TEXT, attempt INTEGER NOT NULL, failures INTEGER NOT NULL, crashes INTEGER NOT NULL,
  parameters TEXT NOT NULL, tags TEXT NOT NULL, schedule_key TEXT, scheduled_for INTEGER,
  idempotency_key TEXT, parent_id TEXT, generation INTEGER NOT NULL, exclusive INTEGER NOT NULL, priority INTEGER NOT NULL, slot TEXT, pause TEXT,
  created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, result TEXT, backfill TEXT,
  open INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX run_once_per_due_time ON run (flow, schedule_key, scheduled_for) WHERE schedule_key IS NOT NULL;
CREATE UNIQUE INDEX run_once_per_key ON run (flow, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX run_due ON run (priority, due_at, no) WHERE state_type = 'SCHEDULED' AND slot IS NULL;
CREATE INDEX run_waiting ON run (slot, priority DESC, due_at, no) WHERE slot IS NOT NULL;
CREATE INDEX run_paused ON run (due_at) WHERE state_type = 'PAUSED' AND due_at IS NOT NULL;
CREATE INDEX run_children ON run (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX run_open ON run (flow, no) WHERE open = 1 AND backfill IS NULL;
CREATE INDEX run_by_flow ON run (flow, no);
CREATE INDEX run_by_state ON run (state_type, no);
CREATE INDEX run_ended ON run (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX run_by_backfill ON run (backfill, state_type) WHERE backfill IS NOT NULL;

CREATE TABLE run_tag (tag TEXT NOT NULL, run_no INTEGER NOT NULL, PRIMARY KEY (tag, run_no)) STRICT, WITHOUT ROWID;

CREATE TABLE task_run (
  no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, run_no INTEGER NOT NULL, run_attempt INTEGER NOT NULL,
  task TEXT NOT NULL, call INTEGER NOT NULL, parent TEXT, rev INTEGER NOT NULL,
  state_type TEXT NOT NULL, state_name TEXT NOT NULL, message TEXT NOT NULL, state_at INTEGER NOT NULL,
  due_at INTEGER, error TEXT, attempt INTEGER NOT NULL,
  created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, result TEXT, keep TEXT
) STRICT;
CREATE INDEX task_run_by_run ON task_run (run_no, no);
CREATE INDEX task_run_kept ON task_run (run_no) WHERE keep IS NOT NULL;

CREATE TABLE task_cache (
  task TEXT NOT NULL, key TEXT NOT NULL, result TEXT NOT NULL, expires_at INTEGER, PRIMARY KEY (task, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE resume_input (
  run_no INTEGER NOT NULL, call INTEGER NOT NULL, input TEXT NOT NULL, PRIMARY KEY (run_no, call)
) STRICT, WITHOUT ROWID;

CREATE TABLE transition (
  seq INTEGER PRIMARY KEY, run_no INTEGER NOT NULL, task_no INTEGER, attempt INTEGER NOT NULL,
  type TEXT NOT NULL, name TEXT NOT NULL, message TEXT NOT NULL, at INTEGER NOT NULL, due_at INTEGER, error TEXT
) STRICT;
CREATE INDEX transition_by_run ON transition (run_no, seq);

CREATE TABLE hook (no INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE delivery (
  no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hook_no INTEGER NOT NULL, seq INTEGER, run_no INTEGER, decision_no INTEGER,
  moment TEXT NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL, ladder_from INTEGER NOT NULL DEFAULT 0,
  replays INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER, reason TEXT, created_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX delivery_by_hook ON delivery (hook_no, no);
CREATE INDEX delivery_due ON delivery (hook_no, due_at, no) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_by_run ON delivery (run_no, no) WHERE run_no IS NOT NULL;
CREATE INDEX delivery_by_decision ON delivery (decision_no) WHERE decision_no IS NOT NULL;
CREATE INDEX delivery_undelivered ON delivery (status, no) WHERE status IN ('retrying','dead','dropped');

CREATE TABLE delivery_attempt (
  delivery_no INTEGER NOT NULL, attempt INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
  error TEXT, log TEXT, exchanges TEXT, PRIMARY KEY (delivery_no, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE hook_memory (
  hook_no INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (hook_no, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE flow_outcome (
  flow TEXT PRIMARY KEY, type TEXT NOT NULL, since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
  no INTEGER PRIMARY KEY, run_no INTEGER NOT NULL, attempt INTEGER NOT NULL, at INTEGER NOT NULL,
  level TEXT NOT NULL, text TEXT NOT NULL, task_run TEXT
) STRICT;
CREATE INDEX log_by_run ON log (run_no, no);

CREATE TABLE schedule (
  flow TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, cursor INTEGER NOT NULL,
  PRIMARY KEY (flow, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule_life (
  no INTEGER PRIMARY KEY, flow TEXT NOT NULL, key TEXT NOT NULL, spec TEXT NOT NULL, generation INTEGER NOT NULL,
  began_at INTEGER NOT NULL, ended_at INTEGER
) STRICT;
CREATE INDEX schedule_life_of_flow ON schedule_life (flow, began_at);
CREATE UNIQUE INDEX schedule_life_now ON schedule_life (flow, key) WHERE ended_at IS NULL;
CREATE INDEX schedule_life_ended ON schedule_life (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE schedule_pause (
  no INTEGER PRIMARY KEY, flow TEXT NOT NULL, key TEXT, since INTEGER NOT NULL, paused_by TEXT NOT NULL, reason TEXT NOT NULL,
  until INTEGER, resumed_by TEXT
) STRICT;
CREATE INDEX schedule_pause_of_flow ON schedule_pause (flow, since);
CREATE INDEX schedule_pause_now ON schedule_pause (no) WHERE until IS NULL;

CREATE TABLE clock_jump (no INTEGER PRIMARY KEY, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL) STRICT;

CREATE TABLE backfill (
  no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, flow TEXT NOT NULL, key TEXT, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL,
  overlap TEXT NOT NULL, asked_by TEXT NOT NULL, total INTEGER NOT NULL, created_at INTEGER NOT NULL,
  made_at INTEGER, cancelled_at INTEGER
) STRICT;
CREATE INDEX backfill_now ON backfill (no) WHERE made_at IS NULL AND cancelled_at IS NULL;

CREATE TABLE backfill_due (
  backfill_no INTEGER NOT NULL, place INTEGER NOT NULL, key TEXT NOT NULL, due_at INTEGER NOT NULL, outcome TEXT,
  PRIMARY KEY (backfill_no, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
  no INTEGER PRIMARY KEY, flow TEXT NOT NULL, schedule_key TEXT NOT NULL, due_at INTEGER NOT NULL,
  kind TEXT NOT NULL, reason TEXT NOT NULL, blocked_by TEXT, decided_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX decision_once_per_due_time ON decision (flow, schedule_key, due_at);
CREATE INDEX decision_decided ON decision (decided_at);

CREATE TABLE block (
  type TEXT NOT NULL, name TEXT NOT NULL, sealed TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  PRIMARY KEY (type, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
  name TEXT PRIMARY KEY, scope TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL, last_used_at INTEGER
) STRICT, WITHOUT ROWID;
`,
];
