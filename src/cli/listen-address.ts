import { InvalidArgumentError } from "commander";

const FORM = /^(?:(?<hostname>\[[\da-fA-F:.]+\]|[^:[\]]*):)?(?<port>\d{1,5})$/;

/** Reads `127.0.0.1:8627`, `[::1]:8627`, `:8627` or `8627`, and answers it whole. */
export function listenAddress(text: string): string {
  const { hostname = "", port = "" } = FORM.exec(text)?.groups ?? {};
  if (port === "" || Number(port) > 65_535) {
    throw new InvalidArgumentError("It is not an address such as 127.0.0.1:8627.");
  }
  return `${hostname === "" ? "127.0.0.1" : hostname}:${port}`;
}
