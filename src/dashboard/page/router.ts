import { signal } from "@preact/signals";

/** Where the page is: a path and what stands behind the question mark. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

export const place = signal<Place>(here());

/** Goes to an address of the page, as a link does. */
export function go(to: string): void {
  if (to === location.pathname + location.search) return;
  history.pushState(null, "", to);
  place.value = here();
  scrollTo(0, 0);
}

/** Changes what stands behind the question mark: filters survive a reload, and the way back. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const query = new URLSearchParams(place.value.query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === "") query.delete(key);
    else query.set(key, value);
  }
  const text = query.toString();
  history.replaceState(null, "", location.pathname + (text === "" ? "" : `?${text}`));
  place.value = here();
}

/** Lets links within the page be followed without loading it again. */
export function followLinks(): void {
  addEventListener("popstate", () => {
    place.value = here();
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || !isOurs(link) || isSpecial(event)) return;
    event.preventDefault();
    go(link.getAttribute("href") ?? "/");
  });
}

/** An address of the page, from its parts: names may hold anything. */
export function at(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** The page's own addresses: what else the daemon answers is loaded as it is. */
const OURS = /^\/(?:$|\?|(?:runs|flows|hooks|deliveries|system)(?:[/?]|$))/;

function isOurs(link: HTMLAnchorElement): boolean {
  return OURS.test(link.getAttribute("href") ?? "");
}

function isSpecial(event: MouseEvent): boolean {
  return (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  );
}
