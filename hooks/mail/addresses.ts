type Given = string | readonly string[] | undefined;

interface People<One> {
  readonly to: One;
  readonly cc: One;
  readonly bcc: One;
}

/** Nothing that could begin another header or command. */
const WHOLE = /^(?:[^<>\r\n\0]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@",;]+@[^\s<>@",;]+)$/;

/** Refuses what is no address while the config is read, and answers the recipients as lists. */
export function checkedAddresses(
  given: People<Given> & { readonly from: Given; readonly replyTo: Given },
): People<readonly string[]> {
  for (const [option, addresses] of Object.entries(given)) {
    const list = listOf(addresses);
    const wrong = list.find((one) => !isAddress(one));
    if (list.every(isAddress) && (option !== "to" || list.length > 0)) continue;
    throw new TypeError(
      `Cannot make email({ ${option} }): it is ${JSON.stringify(wrong) ?? "empty"}, expected name@example.org or Name <name@example.org>`,
    );
  }
  return { to: listOf(given.to), cc: listOf(given.cc), bcc: listOf(given.bcc) };
}

/** `a@example.org` of `Ann <a@example.org>`. */
export function bareAddress(address: string): string {
  return /<([^<>]+)>$/.exec(address)?.[1] ?? address;
}

function isAddress(given: unknown): boolean {
  return typeof given === "string" && WHOLE.test(given);
}

function listOf(given: Given): readonly string[] {
  return given === undefined ? [] : [given].flat();
}
