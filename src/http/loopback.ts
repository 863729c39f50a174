const IPV4 = /^127(?:\.\d{1,3}){3}$/;

/** Whether only programs on this machine can reach the name or address; `[::1]` with or without brackets. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return name === "::1" || name === "[::1]" || IPV4.test(name);
}

/** Whether it is an address and not a name; `[::1]` with brackets. */
export function isIpLiteral(name: string): boolean {
  return /^(?:\d{1,3}\.){3}\d{1,3}$/.test(name) || /^\[[\da-f:.]+\]$/i.test(name);
}

const HOST = /^(?<name>\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i;

/** The name of a `Host` header without its port, in lower case; empty for what is no host at all. */
export function hostnameOf(host: string): string {
  return HOST.exec(host)?.groups?.["name"]?.toLowerCase() ?? "";
}
