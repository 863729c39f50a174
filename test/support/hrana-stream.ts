import Libsql from "libsql";

// The part of libSQL's server that works on one stream: a connection of its own, with its stored texts.

interface HranaValue {
  readonly type: string;
  readonly value?: string | number;
  readonly base64?: string;
}

interface HranaStatement {
  readonly sql?: string;
  readonly sql_id?: number;
  readonly args?: readonly HranaValue[];
  readonly named_args?: readonly { readonly name: string; readonly value: HranaValue }[];
  readonly want_rows?: boolean;
}

interface HranaCondition {
  readonly type: string;
  readonly step?: number;
  readonly cond?: HranaCondition;
  readonly conds?: readonly HranaCondition[];
}

interface HranaStep {
  readonly stmt: HranaStatement;
  readonly condition?: HranaCondition;
}

export interface HranaRequest extends HranaStatement {
  readonly type: string;
  readonly stmt?: HranaStatement;
  readonly batch?: { readonly steps: readonly HranaStep[] };
}

type Result = Readonly<Record<string, unknown>>;

interface Outcomes {
  readonly results: (Result | null)[];
  readonly errors: (Result | null)[];
}

/** A stream of the protocol: what its requests share. */
export interface HranaStream {
  answer(request: HranaRequest): Result;
  /** Whether it has a transaction open. */
  inTransaction(): boolean;
  close(): void;
}

export function openStream(path: string): HranaStream {
  const database = new Libsql(path);
  database.exec("PRAGMA busy_timeout = 100");
  const texts = new Map<number, string>();
  const textOf = ({ sql, sql_id: id }: HranaStatement) => sql ?? texts.get(id ?? -1) ?? "";

  function execute(statement: HranaStatement): Result {
    const prepared = database.prepare(textOf(statement)).safeIntegers(true);
    const given = argumentsOf(statement);
    if (!prepared.reader) {
      const { changes, lastInsertRowid } = prepared.run(...given);
      const last = String(lastInsertRowid);
      return { cols: [], rows: [], affected_row_count: Number(changes), last_insert_rowid: last };
    }
    const cols = prepared.columns().map(({ name, type }) => ({ name, decltype: type }));
    const rows = prepared.raw(true).all(...given) as unknown[][];
    const shown = statement.want_rows === false ? [] : rows.map((row) => row.map(toValue));
    return { cols, rows: shown, affected_row_count: rows.length, last_insert_rowid: null };
  }

  const conditions: Readonly<Record<string, (one: HranaCondition, done: Outcomes) => boolean>> = {
    ok: ({ step = -1 }, { results }) => (results[step] ?? null) !== null,
    error: ({ step = -1 }, { errors }) => (errors[step] ?? null) !== null,
    not: ({ cond }, done) => !isMet(cond, done),
    and: ({ conds = [] }, done) => conds.every((one) => isMet(one, done)),
    or: ({ conds = [] }, done) => conds.some((one) => isMet(one, done)),
    is_autocommit: () => !database.inTransaction,
  };
  function isMet(condition: HranaCondition | undefined, done: Outcomes): boolean {
    return condition === undefined || conditions[condition.type]?.(condition, done) === true;
  }

  function batch(steps: readonly HranaStep[]): Result {
    const done: Outcomes = { results: [], errors: [] };
    for (const { stmt, condition } of steps) {
      const met = isMet(condition, done);
      const outcome = met ? attempt(() => execute(stmt)) : { result: null, error: null };
      done.results.push(outcome.result);
      done.errors.push(outcome.error);
    }
    return { step_results: done.results, step_errors: done.errors };
  }

  const answers: Readonly<Record<string, (request: HranaRequest) => Result>> = {
    execute: ({ stmt = {} }) => ({ result: execute(stmt) }),
    batch: ({ batch: { steps } = { steps: [] } }) => ({ result: batch(steps) }),
    sequence: (request) => {
      database.exec(textOf(request));
      return {};
    },
    describe: (request) => {
      const prepared = database.prepare(textOf(request));
      const cols = prepared.columns().map(({ name, type }) => ({ name, decltype: type }));
      return { result: { params: [], cols, is_explain: false, is_readonly: prepared.reader } };
    },
    store_sql: ({ sql_id: id = -1, sql = "" }) => {
      texts.set(id, sql);
      return {};
    },
    close_sql: ({ sql_id: id = -1 }) => {
      texts.delete(id);
      return {};
    },
    get_autocommit: () => ({ is_autocommit: !database.inTransaction }),
    close: () => ({}),
  };

  return {
    inTransaction: () => database.inTransaction,
    close: () => database.close(),
    answer(request) {
      const { result, error } = attempt(() => {
        const perform = answers[request.type];
        if (perform === undefined) throw new Error(`unknown request "${request.type}"`);
        return { type: request.type, ...perform(request) };
      });
      return error === null ? { type: "ok", response: result } : { type: "error", error };
    },
  };
}

function attempt(action: () => Result): {
  readonly result: Result | null;
  readonly error: Result | null;
} {
  try {
    return { result: action(), error: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && "code" in error ? String(error.code) : "SQL_PARSE_ERROR";
    return { result: null, error: { message, code: /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? code } };
  }
}

function argumentsOf({ args = [], named_args: named = [] }: HranaStatement): unknown[] {
  if (named.length === 0) return args.length === 0 ? [] : [args.map(fromValue)];
  return [Object.fromEntries(named.map(({ name, value }) => [name, fromValue(value)]))];
}

function fromValue({ type, value, base64 = "" }: HranaValue): unknown {
  if (type === "integer") return BigInt(value ?? 0);
  if (type === "blob") return Buffer.from(base64, "base64");
  return type === "null" ? null : value;
}

function toValue(value: unknown): HranaValue {
  if (value === null || value === undefined) return { type: "null" };
  if (typeof value === "bigint") return { type: "integer", value: String(value) };
  if (typeof value === "number") return { type: "float", value };
  if (typeof value === "string") return { type: "text", value };
  return { type: "blob", base64: Buffer.from(value as Uint8Array).toString("base64") };
}
