import type { ComponentChildren } from "preact";

/** A box in a chart; its colour is that of a state. */
export interface Shape {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DrawingOptions {
  readonly kind: "bars" | "track" | "durations";
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
  /** Beneath and above the shapes. */
  readonly under?: ComponentChildren;
  readonly over?: ComponentChildren;
  /** What is told of a place, from 0 at the left to 1 at the right. */
  readonly wordsAt: (share: number) => string;
  readonly onPick: (share: number) => void;
}

/**
 * A chart for who can see and point; what it says must be said in words beside it. All shapes of a colour are
 * one path, and what is pointed at is found by its place: a list of many charts stays quick.
 */
export function Drawing(options: DrawingOptions) {
  const { kind, width, height, shapes, under, over, wordsAt, onPick } = options;
  return (
    <span
      class={`drawing ${kind}`}
      aria-hidden="true"
      onMouseMove={(event) => {
        event.currentTarget.title = wordsAt(shareOf(event));
      }}
      onClick={(event) => onPick(shareOf(event))}
    >
      <svg
        width={kind === "bars" ? width : "100%"}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {under}
        {[...Map.groupBy(shapes, ({ type }) => type)].map(([type, alike]) => (
          <path key={type} class={`fill ${type.toLowerCase()}`} d={alike.map(outlineOf).join("")} />
        ))}
        {over}
      </svg>
    </span>
  );
}

function outlineOf({ x, y, width, height }: Shape): string {
  return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function shareOf({ clientX, currentTarget }: MouseEvent): number {
  if (!(currentTarget instanceof Element)) return 0;
  const { left, width } = currentTarget.getBoundingClientRect();
  return width === 0 ? 0 : (clientX - left) / width;
}
