/** What the process answers to its caller. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  authentication: 4,
  unreachable: 5,
  configInvalid: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command that cannot do what it was asked: told in one line and, where there are any, details below it. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;
  readonly details: readonly string[];
  /** What the API answered in place of what was asked for, if it did. */
  answer?: object;

  constructor(message: string, exitCode: ExitCode, details: readonly string[] = []) {
    super(message);
    this.name = "CliFailure";
    this.exitCode = exitCode;
    this.details = details;
  }
}
