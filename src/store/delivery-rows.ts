import type { Ring } from "../domain/hook-matching.ts";
import { uuidv7 } from "../domain/ids.ts";
import { type Instant, later } from "../domain/instant.ts";
import type { Connection } from "./connection.ts";
import { rowWriter } from "./insert-rows.ts";
import type { Numbers } from "./numbers.ts";
import { type AfterCommit, NOTHING_AFTER } from "./shelves.ts";

/** A hook that is to be told of a transition, or of a decision. */
export interface NewDelivery {
  readonly ring: Ring;
  readonly at: Instant;
  readonly about:
    | { readonly seq: number; readonly runNo: number }
    | { readonly decisionNo: number };
}

/** Writes delivery rows in the transaction of what rings them. */
export interface DeliveryRows {
  insert(connection: Connection, deliveries: readonly NewDelivery[]): AfterCommit;
}

/** `onNew` is told, after the commit, how many new deliveries each hook has, by the hook's number. */
export function createDeliveryRows(
  numbers: Numbers,
  onNew: (counts: ReadonlyMap<number, number>) => void,
): DeliveryRows {
  const committed = new Map<string, number>();

  return {
    insert(connection, deliveries) {
      if (deliveries.length === 0) return NOTHING_AFTER;
      const named = new Map<string, number>();
      const hookNo = (key: string) => {
        const known = committed.get(key) ?? named.get(key);
        if (known !== undefined) return known;
        const no = nameHook(connection, key, numbers);
        named.set(key, no);
        return no;
      };
      const rung = new Map<number, number>();
      const rows = deliveries.map(({ ring: { hook, moment }, about, at }) => {
        const no = hookNo(hook.key);
        rung.set(no, (rung.get(no) ?? 0) + 1);
        const dueAt = later(at, hook.holdForMs ?? 0);
        return [
          numbers.take("delivery"),
          uuidv7(at),
          no,
          ...placeOf(about),
          moment,
          dueAt,
          at,
          "pending",
          0,
        ];
      });
      insertDeliveries(connection, rows);
      return {
        remember() {
          for (const [key, no] of named) committed.set(key, no);
        },
        tell: () => onNew(rung),
      };
    },
  };
}

function placeOf(about: NewDelivery["about"]): readonly (number | null)[] {
  return "seq" in about ? [about.seq, about.runNo, null] : [null, null, about.decisionNo];
}

function nameHook(connection: Connection, key: string, numbers: Numbers): number {
  const [known] = connection.all<{ no: number }>("SELECT no FROM hook WHERE key = ?", [key]);
  if (known !== undefined) return known.no;
  const no = numbers.take("hook");
  connection.run("INSERT INTO hook (no, key) VALUES (?, ?)", [no, key]);
  return no;
}

const insertDeliveries = rowWriter("delivery", [
  ...["no", "id", "hook_no", "seq", "run_no", "decision_no", "moment", "due_at", "created_at"],
  ...["status", "attempts"],
]);
