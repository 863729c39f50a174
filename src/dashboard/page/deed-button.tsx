import type { ComponentProps } from "preact";
import { isReadOnly } from "./ask.ts";

/** A button that changes something. Whoever may only read sees it, cannot press it, and is told why. */
export function DeedButton({ disabled, title, ...rest }: ComponentProps<"button">) {
  const why = isReadOnly.value
    ? "Your token may only read: this needs one with scope write"
    : title;
  return <button type="button" {...rest} disabled={disabled || isReadOnly.value} title={why} />;
}
