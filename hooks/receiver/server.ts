/** Refuses what is no address of a server while the config is read. Answers it without a slash at its end. */
export function checkedServer(given: string, option: string): string {
  const url = typeof given === "string" ? URL.parse(given) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.username === "") {
    return url.href.replace(/\/+$/, "");
  }
  const found = typeof given === "string" ? JSON.stringify(withoutLogin(given)) : typeof given;
  throw new TypeError(
    `Cannot make ${option}: it is ${found}, expected the server's address, such as "https://example.org"`,
  );
}

/** What stands before an "@" in an address is a name and a password. */
function withoutLogin(text: string): string {
  return text.replace(/[^/]*@/, "…@").replace(/\?.*/, "?…");
}
