/** One line of what `tocsin doctor` found. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "warn" | "wrong";
  readonly message: string;
  /** What to do about it. */
  readonly todo?: string;
}

export function ok(name: string, message: string): Finding {
  return { name, state: "ok", message };
}

export function warn(name: string, message: string, todo: string): Finding {
  return { name, state: "warn", message, todo };
}

export function wrong(name: string, message: string, todo: string): Finding {
  return { name, state: "wrong", message, todo };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
