/** The style of `/docs`: light and dark, narrow and wide, as the browser says. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1b1d21, #e6e6e3); --dim: light-dark(#565b64, #a2a7b0);
  --paper: light-dark(#fdfdfb, #17181b); --raised: light-dark(#f2f2ee, #202226); --line: light-dark(#d9d9d3, #34373d);
  --link: light-dark(#0a53b8, #8ab8ff); --get: light-dark(#0b6b3a, #63d29b); --post: light-dark(#7a4a00, #f0b45c);
  --put: light-dark(#5b3aa8, #c0a6ff); --delete: light-dark(#a01c2c, #ff8f9b); }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: .5rem 0; } h1 small { color: var(--dim); font-weight: 400; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 0 0 .5rem; } h4 { margin: .75rem 0 .25rem; }
a { color: var(--link); } h2 a, h3 a { color: inherit; text-decoration: none; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre { font: .875rem/1.45 ui-monospace, monospace; }
pre { background: var(--raised); padding: .6rem .8rem; border-radius: .4rem; overflow-x: auto; white-space: pre-wrap; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; margin: 0 0 1rem; }
article:target { border-color: var(--link); }
table { border-collapse: collapse; width: 100%; margin: .25rem 0 .5rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--dim); border-top: 0; font-size: .85rem; }
i { color: var(--dim); font-style: normal; font-size: .85rem; }
dl { margin: 0; } dt { float: left; clear: left; width: 3.5rem; } dd { margin: 0 0 .4rem 3.5rem; }
.problems { color: var(--dim); font-size: .9rem; margin: .5rem 0 0; }
.GET { color: var(--get); } .POST { color: var(--post); } .PUT { color: var(--put); } .DELETE { color: var(--delete); }
nav ul { list-style: none; margin: 0; padding: 0; } nav li { font-size: .9rem; } nav h2 { font-size: 1rem; margin: 1rem 0 .25rem; }
nav a { text-decoration: none; color: inherit; } nav a:hover { text-decoration: underline; }
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 20rem minmax(0, 1fr); column-gap: 2rem; }
  header { grid-column: 1 / -1; }
  nav { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; padding-bottom: 2rem; }
}
@media (min-width: 40.01rem) {
  table { table-layout: fixed; } th:first-child { width: 28%; } th:nth-child(2), td:first-of-type { width: 26%; }
}
@media (max-width: 40rem) {
  thead { display: none; } tr, th, td { display: block; } tr { border-top: 1px solid var(--line); padding: .3rem 0; }
  th, td { border: 0; padding: 0; }
}
`;
