import type { Bindable } from "./bind.ts";
import type { Connection } from "./connection.ts";

/** What a commit is to do, as another thread is told of it. */
export interface CommitPlan {
  /** Each statement once. */
  readonly sql: readonly string[];
  /** In order. */
  readonly steps: readonly PlannedStep[];
}

/** Which statement, whether it has to change exactly one row, and what it is given. */
type PlannedStep = readonly [sql: number, one: 0 | 1, parameters: readonly Bindable[]];

/** A connection that writes nothing: it notes what is to be done. */
export interface Planning extends Connection {
  /** The noted plan as JSON; what comes after it is another one. */
  take(): string;
}

/**
 * Plans a commit in the expectation that all goes well: that each statement which is to change one row does.
 * `performPlan` holds it to that. What is read while planning is as of the last commit, so nothing can be planned
 * that reads what it wrote itself.
 */
export function planningOver(reader: Connection): Planning {
  let places = new Map<string, number>();
  let steps: PlannedStep[] = [];
  const note = (sql: string, one: 0 | 1, parameters: readonly Bindable[]) => {
    let place = places.get(sql);
    if (place === undefined) {
      place = places.size;
      places.set(sql, place);
    }
    requireJson(parameters);
    steps.push([place, one, parameters]);
  };
  const refuse = (): never => {
    throw new Error("Cannot plan a script or a transaction: a plan is one transaction already");
  };
  return {
    path: reader.path,
    all: (sql, parameters) => reader.all(sql, parameters),
    run(sql, parameters = []) {
      note(sql, 0, parameters);
      return 0;
    },
    runOne(sql, parameters = []) {
      note(sql, 1, parameters);
      return true;
    },
    script: refuse,
    transaction: refuse,
    close: () => {},
    take() {
      const plan: CommitPlan = { sql: [...places.keys()], steps };
      places = new Map();
      steps = [];
      return JSON.stringify(plan);
    },
  };
}

/** Texts are cleaned where they are bound; a number that JSON has no word for would become a null on its way. */
function requireJson(parameters: readonly Bindable[]): void {
  for (const value of parameters) {
    const isFine = typeof value === "number" ? Number.isFinite(value) : !(value instanceof Date);
    if (!isFine) throw new TypeError(`Cannot send "${String(value)}" to the thread that commits`);
  }
}

/** Does what was planned, in one transaction; answers false, and keeps nothing, where something was not as expected. */
export function performPlan(connection: Connection, json: string): boolean {
  // Both ends are this program.
  const { sql, steps } = JSON.parse(json) as CommitPlan;
  try {
    connection.transaction(() => {
      for (const [place, one, parameters] of steps) {
        const statement = sql[place] ?? "";
        if (one === 0) connection.run(statement, parameters);
        else if (!connection.runOne(statement, parameters)) throw new Unexpected();
      }
    });
    return true;
  } catch (error) {
    if (error instanceof Unexpected) return false;
    throw error;
  }
}

class Unexpected extends Error {
  override readonly name = "Unexpected";
}
