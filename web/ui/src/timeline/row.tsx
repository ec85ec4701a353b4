import type { ComponentChildren, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import type { Row } from "../api/types";
import { share, significant } from "../format/number";
import { clock, zone } from "../format/time";
import type { Bin } from "./bins";
import { Strip } from "./strip";

interface Props {
  row: Row;
  bins: Bin[];
  most: number;
  width: number;
  onPoint: (event: TargetedPointerEvent<HTMLElement>) => void;
  onPress: (event: TargetedKeyboardEvent<HTMLElement>) => void;
  onFocus: () => void;
  children: ComponentChildren;
}

export function TimelineRow({ row, bins, most, width, onPoint, onPress, onFocus, children }: Props) {
  const top = (pick: (b: Bin) => number) => Math.max(0, ...bins.map(pick));
  const words = [
    row.name,
    row.onset ? `own part began at ${clock(row.onset, zone.value)}` : "no part of its own",
    `own pressure up to ${significant(top((b) => b.own))}`,
    `inherited up to ${significant(top((b) => b.inherited))}`,
    `failed up to ${share(top((b) => b.failed))}`,
  ].join(", ");
  return (
    <div class="row">
      <span class="name" title={row.node}>
        {row.name}
        {row.onset && <span class="at"> {clock(row.onset, zone.value)}</span>}
      </span>
      <div
        class="track"
        role="group"
        tabIndex={0}
        aria-label={words}
        onPointerMove={onPoint}
        onPointerDown={onPoint}
        onKeyDown={onPress}
        onFocus={onFocus}
      >
        <Strip bins={bins} most={most} width={width} />
        {children}
      </div>
    </div>
  );
}
