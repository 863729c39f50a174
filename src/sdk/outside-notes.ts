/** What a hook is surrounded by when it acts outside: each act is noted with the delivery's attempt. */
export interface Outside {
  /** Whether acts are only noted, not performed: the hook is tried, not rung. */
  readonly dry: boolean;
  /** Notes that something is asked; what it answers notes what came back. Without that, nothing came. */
  begin(asked: AskedOutside): (answer: string) => void;
}

export interface AskedOutside {
  /** Without secrets. */
  readonly request: string;
  /** Looked at when the hook has ended, and only where it is tried. */
  readonly detail?: string | (() => string);
}
