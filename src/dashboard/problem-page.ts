import { html } from "hono/html";
import { page } from "./page.ts";

/** What a person sees who asks for a page that is not there. */
export function problemPage(message: string): ReturnType<typeof page> {
  return page(
    "Not found",
    html`<p><a href="/">all runs</a></p>
<h1>There is nothing to show here</h1>
<p>${message}</p>`,
  );
}
