import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ErrorInfo } from "../../domain/failure.ts";
import type { Data } from "./data.ts";
import { now } from "./live.ts";
import { at } from "./router.ts";
import { absolute, relative, took } from "./words.ts";

/** A moment: how far away it is, and when exactly for who points at it. */
export function Time({ iso }: { readonly iso: string | undefined }) {
  if (iso === undefined) return null;
  const ms = Date.parse(iso);
  return (
    <time dateTime={iso} title={absolute(ms)}>
      {relative(ms, now.value)}
    </time>
  );
}

/** How long something took; it counts on while it goes on. */
export function Took({ startedAt, endedAt }: Span) {
  const isOpen = startedAt !== undefined && endedAt === undefined;
  return <span class="took">{took({ startedAt, endedAt }, isOpen ? now.value : 0)}</span>;
}

interface Span {
  readonly startedAt?: string | undefined;
  readonly endedAt?: string | undefined;
}

/** A state or a status: a dot of its colour, and its name. */
export function StateMark({ type, name }: { readonly type: string; readonly name: string }) {
  return <span class={`state ${type.toLowerCase()}`}>{name}</span>;
}

/** A link to a run. */
export function RunLink({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <a href={at("runs", id)} class="name">
      {name}
    </a>
  );
}

export function FlowLink({ name }: { readonly name: string }) {
  return (
    <a href={at("flows", name)} class="name">
      {name}
    </a>
  );
}

/** Names the view for the tab, the history and a screen reader, which begins to read here. */
export function Title({
  text,
  children,
}: {
  readonly text: string;
  readonly children?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = text === "tocsin" ? text : `${text} · tocsin`;
  }, [text]);
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="title">
      <h1 ref={heading} tabIndex={-1}>
        {text}
      </h1>
      {children}
    </div>
  );
}

export function Section({
  name,
  aside,
  children,
}: {
  readonly name: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section aria-label={name}>
      <div class="section-head">
        <h2>{name}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Nothing is here, and what to do about it. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** Why something cannot be shown; nothing while it can be or is waited for. */
export function Failure({ of }: { readonly of: Data<unknown> }) {
  if (of.failure === undefined || of.failure.status === 401) return null;
  return (
    <p class="failure" role="alert">
      {of.failure.message}
    </p>
  );
}

/** An error with what caused it, and what caused that. */
export function ErrorChain({ error }: { readonly error: ErrorInfo }) {
  return (
    <div class="error">
      <p>
        <b>{error.name}</b>: {error.message}
      </p>
      {error.stack === undefined ? null : (
        <details>
          <summary>Stack</summary>
          <Block text={error.stack} />
        </details>
      )}
      {error.cause === undefined ? null : (
        <div class="cause">
          <p class="dim">caused by</p>
          <ErrorChain error={error.cause} />
        </div>
      )}
    </div>
  );
}

/** Anything that is JSON, for people. */
export function JsonText({ value }: { readonly value: unknown }) {
  return <Block text={JSON.stringify(value, undefined, 2)} />;
}

const INSTANT = /(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)/;

/** A sentence of the daemon's, in which instants are told in the browser's zone. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {text
        .split(INSTANT)
        .map((part, index) => (index % 2 === 1 ? <Moment key={part + index} iso={part} /> : part))}
    </>
  );
}

/** A moment by date and time of day, in the browser's zone. */
export function Moment({ iso }: { readonly iso: string }) {
  const ms = Date.parse(iso);
  return (
    <time dateTime={iso} title={absolute(ms)}>
      {new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })}
    </time>
  );
}

/** A text as it is, in a box that scrolls where it is long. */
export function Block({ text }: { readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <pre tabIndex={0}>{text}</pre>
  );
}

/** One thing that is known, in a list of such. */
export function Fact({
  name,
  children,
  isWide = false,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
  readonly isWide?: boolean;
}) {
  return (
    <div class={isWide ? "wide" : ""}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
