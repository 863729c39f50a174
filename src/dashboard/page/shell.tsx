import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isHelpOpen, KEYS } from "./keys.ts";
import { liveness } from "./live.ts";
import { dismiss, notices, question } from "./notices.ts";
import { RefusedConfig } from "./refused-config.tsx";
import { place } from "./router.ts";

const VIEWS = [
  ["/", "Home"],
  ["/runs", "Runs"],
  ["/hooks", "Hooks"],
  ["/system", "System"],
] as const;

/** What is around every view: where one can go, whether it is live, and what was done. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#view">
        Skip to the view
      </a>
      <header>
        <a href="/" class="brand" aria-label="tocsin, home">
          <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
            <path
              fill="currentColor"
              d="M8 1a5 5 0 0 0-5 5v3.5L1.5 12h13L13 9.5V6a5 5 0 0 0-5-5Zm-2 12a2 2 0 0 0 4 0Z"
            />
          </svg>
          tocsin
        </a>
        <nav aria-label="Views">
          {VIEWS.map(([path, name]) => (
            <a key={path} href={path} aria-current={isWithin(path) ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <Badge />
        <button
          type="button"
          class="plain"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => {
            isHelpOpen.value = true;
          }}
        >
          ?
        </button>
      </header>
      <main id="view">
        <RefusedConfig />
        {children}
      </main>
      <Notices />
      <Asked />
      <Help />
    </>
  );
}

function isWithin(path: string): boolean {
  const { path: here } = place.value;
  if (path === "/") return here === "/" || here.startsWith("/flows/");
  if (path === "/hooks") return here.startsWith("/hooks") || here.startsWith("/deliveries/");
  return here.startsWith(path);
}

const BADGES = {
  live: ["Live", "Everything is shown as it happens"],
  polling: ["Every 3 s", "The daemon sends no events here: it is asked every three seconds"],
  connecting: ["Connecting", "Events are waited for"],
  gone: ["Disconnected", "The daemon does not answer: what is shown is what it said last"],
} as const;

function Badge() {
  const [text, title] = BADGES[liveness.value];
  return (
    <span class={`badge ${liveness.value}`} role="status" title={title}>
      {text}
    </span>
  );
}

function Notices() {
  return (
    <div class="notices" aria-live="polite">
      {notices.value.map(({ id, text, isBad, action }) => (
        <div key={id} class={isBad ? "notice bad" : "notice"}>
          <span>{text}</span>
          {action === undefined ? null : (
            <button
              type="button"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" class="plain" aria-label="Close" onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}

/** A dialog of the browser's own: it keeps the focus, and Escape closes it. */
export function Dialog({
  label,
  onClose,
  children,
}: {
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </dialog>
  );
}

function Asked() {
  const asked = question.value;
  if (asked === undefined) return null;
  return (
    <Dialog key={asked.title} label={asked.title} onClose={() => asked.answer(false)}>
      <h2>{asked.title}</h2>
      <p>{asked.text}</p>
      <div class="buttons">
        <button type="button" onClick={() => asked.answer(false)}>
          Do not
        </button>
        <button type="button" class="danger" onClick={() => asked.answer(true)}>
          {asked.action}
        </button>
      </div>
    </Dialog>
  );
}

function Help() {
  if (!isHelpOpen.value) return null;
  const close = () => {
    isHelpOpen.value = false;
  };
  return (
    <Dialog label="Keys" onClose={close}>
      <h2>Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <div class="buttons">
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
