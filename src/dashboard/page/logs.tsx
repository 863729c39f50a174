import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { RunView } from "../../domain/run-view.ts";
import { isTerminal } from "../../domain/state.ts";
import { type LogLines, type LogRow, pagesOf, useLogLines } from "./log-lines.ts";
import { Empty, Section } from "./parts.tsx";
import { evenRows } from "./row-places.ts";
import { useWindowed } from "./windowed.ts";
import { plural } from "./words.ts";

const ROW = 19;
/** What scrolls must be reached by keys. */
const REACHED = { tabIndex: 0 };
const LEVELS = [
  ["", "All levels"],
  ["info", "Info and graver"],
  ["warn", "Warnings and errors"],
  ["error", "Errors"],
] as const;

/** What a run says, as it says it. */
export function Logs({ run }: { readonly run: RunView }) {
  const level = useSignal("");
  const text = useSignal("");
  const lines = useLogLines(run, level.value);
  const wanted = text.value.toLowerCase();
  const rows = useMemo(
    () =>
      wanted === ""
        ? lines.rows
        : lines.rows.filter((row) => row.text.toLowerCase().includes(wanted)),
    [lines.rows, wanted],
  );
  return (
    <Section
      name="Log"
      aside={
        <div class="filters">
          <input
            type="search"
            placeholder="Search the log"
            aria-label="Search the log"
            onInput={(event) => {
              text.value = event.currentTarget.value;
              if (lines.isTail && text.value !== "") lines.loadAll();
            }}
          />
          <select
            aria-label="Level"
            onChange={(event) => {
              level.value = event.currentTarget.value;
            }}
          >
            {LEVELS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
          <button type="button" onClick={() => void download(run)}>
            Download
          </button>
        </div>
      }
    >
      {lines.isTail ? (
        <p class="below">
          <button type="button" onClick={lines.loadAll}>
            Earlier lines
          </button>
        </p>
      ) : null}
      {rows.length === 0 ? (
        <Empty>{whyEmpty(run, lines)}</Empty>
      ) : (
        <Rows rows={rows} isOpen={!isTerminal(run.state.type)} />
      )}
      {rows.length === 0 ? null : <p class="dim small">{plural(rows.length, "line")}</p>}
    </Section>
  );
}

function whyEmpty(run: RunView, { isLoaded, rows }: LogLines): string {
  if (!isLoaded) return "…";
  if (rows.length > 0) return "No line fits.";
  return isTerminal(run.state.type) ? "The run logged nothing." : "Nothing logged yet.";
}

/** Only the lines in sight are drawn; at the end, what comes is followed until somebody scrolls up. */
function Rows({ rows, isOpen }: { readonly rows: readonly LogRow[]; readonly isOpen: boolean }) {
  const holder = useRef<HTMLDivElement>(null);
  const isFollowing = useSignal(true);
  const places = useMemo(() => evenRows(rows.length, ROW), [rows.length]);
  const seen = useWindowed({ rows: places, holder, scrolls: true });
  useEffect(() => {
    if (isFollowing.peek() && holder.current !== null) {
      holder.current.scrollTop = holder.current.scrollHeight;
    }
  }, [rows.length, isFollowing.value]);
  return (
    <div class="log-frame">
      <div
        class="log"
        ref={holder}
        role="log"
        aria-live="off"
        aria-label="Log lines"
        {...REACHED}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isFollowing.value = scrollHeight - scrollTop - clientHeight < 2 * ROW;
        }}
      >
        <div style={{ height: `${seen.before}px` }} />
        {rows.slice(seen.from, seen.to).map((row, place) => (
          <div key={seen.from + place} class={`log-row ${row.level}`}>
            <time dateTime={row.iso} title={row.iso}>
              {row.time}
            </time>
            <span class="level">{row.time === "" ? "" : row.level}</span>
            <span>{row.text}</span>
          </div>
        ))}
        <div style={{ height: `${seen.after}px` }} />
      </div>
      {isFollowing.value ? (
        isOpen ? (
          <span class="following">Following</span>
        ) : null
      ) : (
        <button
          type="button"
          class="following"
          onClick={() => {
            isFollowing.value = true;
          }}
        >
          {isOpen ? "Follow" : "To the end"}
        </button>
      )}
    </div>
  );
}

/** The whole log as a file of text. */
async function download({ id, name }: RunView): Promise<void> {
  const parts: string[] = [];
  for await (const page of pagesOf(`/api/runs/${id}/logs?limit=1000`)) {
    for (const { at, level, text } of page) parts.push(`${at} ${level.padEnd(5)} ${text}\n`);
  }
  const address = URL.createObjectURL(new Blob(parts, { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name.replace(/[^\w-]+/g, "_").slice(0, 80)}.log`;
  link.click();
  URL.revokeObjectURL(address);
}
