import { signal } from "@preact/signals";

const query = matchMedia("(max-width: 700px)");
const isNarrow = signal(query.matches);
query.addEventListener("change", () => {
  isNarrow.value = query.matches;
});

/** Whether the page is as narrow as a phone: rows are cards then. */
export function useNarrow(): boolean {
  return isNarrow.value;
}
