/** Why nothing can be saved at present, and since when (milliseconds since the epoch). */
export interface Trouble {
  readonly since: number;
  readonly error: Error;
}

export interface TroubleOptions {
  readonly now?: () => number;
  /** Told once when saving begins to fail, and once when it works again. */
  readonly onTrouble?: ((trouble: Trouble | undefined) => void) | undefined;
}

/** Remembers whether saving fails, and tells of it when that changes. */
export interface Troubles {
  current(): Trouble | undefined;
  begin(error: unknown): void;
  end(): void;
}

export function createTroubles({ now = Date.now, onTrouble }: TroubleOptions): Troubles {
  let trouble: Trouble | undefined;
  return {
    current: () => trouble,
    begin(error) {
      if (trouble !== undefined) return;
      trouble = { since: now(), error: error instanceof Error ? error : new Error(String(error)) };
      onTrouble?.(trouble);
    },
    end() {
      if (trouble === undefined) return;
      trouble = undefined;
      onTrouble?.(undefined);
    },
  };
}
