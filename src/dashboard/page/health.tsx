import type { Readiness, StatusView } from "../../http/api-deps.ts";
import { useData } from "./data.ts";
import { liveness } from "./live.ts";
import { Prose } from "./parts.tsx";

const PROBLEMS_MAX = 6;

/** What somebody should look at: one line while nothing is wrong. */
export function Health() {
  const status = useData<StatusView>("/api/status");
  const ready = useData<Readiness>("/readyz?verbose");
  const { value } = status;
  const wrong = ready.value?.checks.filter(({ state }) => state !== "ok") ?? [];
  const problems = value?.config.lastReloadProblems;
  return (
    <>
      {problems === undefined ? null : (
        <div class="failure" role="alert">
          <p>
            The newest edit of the config was refused: generation {value?.config.generation} stays
            in force until these are mended.
          </p>
          <ul>
            {problems.slice(0, PROBLEMS_MAX).map(({ path, message, at }) => (
              <li key={`${at} ${path} ${message}`}>
                {at === undefined ? null : <code>{at}</code>} {path === "" ? "" : `${path}: `}
                {message}
              </li>
            ))}
          </ul>
          {problems.length > PROBLEMS_MAX ? (
            <p>
              And {problems.length - PROBLEMS_MAX} more: <code>tocsin check</code> lists them all.
            </p>
          ) : null}
        </div>
      )}
      {wrong
        .filter(({ name }) => name !== "config")
        .map(({ name, state, message }) => (
          <p key={name} class={state === "failed" ? "failure" : "warning"}>
            <Prose text={message} />
            {name === "deliveries" || name === "hooks" ? (
              <>
                {" "}
                <a href="/hooks?status=dead">Look at them</a>
              </>
            ) : null}
          </p>
        ))}
      {value === undefined ? null : <Counts status={value} isWell={wrong.length === 0} />}
    </>
  );
}

function Well({ isWell }: { readonly isWell: boolean }) {
  if (liveness.value === "gone") {
    return <span class="state failed">The daemon does not answer; it said last:</span>;
  }
  return (
    <span class={isWell ? "state completed" : "state cancelled"}>
      {isWell ? "All is well" : "Look above"}
    </span>
  );
}

const SHOWN = [
  ["RUNNING", "running"],
  ["SCHEDULED", "waiting"],
  ["PAUSED", "paused"],
  ["COMPLETED", "completed"],
  ["FAILED", "failed"],
  ["CRASHED", "crashed"],
] as const;

function Counts({ status, isWell }: { readonly status: StatusView; readonly isWell: boolean }) {
  return (
    <p class="counts">
      <Well isWell={isWell} />
      {SHOWN.filter(([type]) => (status.runs[type] ?? 0) > 0).map(([type, word]) => (
        <a key={type} href={`/runs?state=${type}`}>
          <b>{(status.runs[type] ?? 0).toLocaleString()}</b> {word}
        </a>
      ))}
    </p>
  );
}
