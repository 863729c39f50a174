import { format, inspect } from "node:util";
import type { LogLevel, LogLine } from "../domain/executor.ts";
import { instant } from "../domain/instant.ts";
import { currentScope, type Scope } from "../sdk/scope.ts";
import { linesOf } from "./line-writer.ts";

/** An unfinished line is kept until its end is written, but not for ever. */
const PARTIAL_MAX = 65_536;

/** The captured output of a thread. */
export interface CapturedOutput {
  /** Writes what a run or hook has left of an unfinished line: it has ended. */
  end(scope: Scope): void;
}

/**
 * Takes over console and the standard streams: what code writes becomes log lines of the run or hook that
 * it belongs to; what belongs to none goes to `stray`.
 */
export function captureOutput(stray: (lines: readonly LogLine[]) => void): CapturedOutput {
  const write = (level: LogLevel, text: string) => {
    const scope = currentScope();
    if (scope !== undefined) scope.write(level, text);
    else stray(linesOf(text).map((line) => ({ at: instant(Date.now()), level, text: line })));
  };
  captureConsole(write);
  const out = captureStream(process.stdout, (text) => write("info", text));
  const err = captureStream(process.stderr, (text) => write("error", text));
  return {
    end(scope) {
      out.end(scope, (text) => scope.write("info", text));
      err.end(scope, (text) => scope.write("error", text));
    },
  };
}

function captureConsole(write: (level: LogLevel, text: string) => void): void {
  const writing =
    (level: LogLevel) =>
    (...words: readonly unknown[]) =>
      write(level, format(...words));
  Object.assign(globalThis.console, {
    log: writing("info"),
    info: writing("info"),
    debug: writing("debug"),
    warn: writing("warn"),
    error: writing("error"),
    trace: writing("debug"),
    dir: (value: unknown) => write("info", inspect(value)),
    table: (value: unknown) => write("info", inspect(value)),
  });
}

function captureStream(stream: NodeJS.WriteStream, write: (text: string) => void) {
  const partials = new WeakMap<object, string>();
  const nobody = {};
  const decoder = new TextDecoder();
  const take = (chunk: string | Uint8Array) => {
    const owner = currentScope()?.owner ?? nobody;
    const text = (partials.get(owner) ?? "") + textOf(chunk, decoder);
    const end = text.length > PARTIAL_MAX ? text.length : text.lastIndexOf("\n") + 1;
    if (end > 0) write(text.slice(0, end));
    partials.set(owner, text.slice(end));
  };
  stream.write = (
    chunk: string | Uint8Array,
    encoding?: unknown,
    written?: (error?: Error | null) => void,
  ): boolean => {
    take(chunk);
    const done = typeof encoding === "function" ? encoding : written;
    if (typeof done === "function") queueMicrotask(() => done());
    return true;
  };
  return {
    end({ owner }: Scope, flush: (text: string) => void) {
      const left = partials.get(owner);
      partials.delete(owner);
      if (left !== undefined && left !== "") flush(left);
    },
  };
}

function textOf(chunk: string | Uint8Array, decoder: TextDecoder): string {
  return typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
}
