import type { TargetedEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  value: string;
  /** What was typed, when it is done. Where it returns false, the old value comes back. */
  onDone: (text: string) => boolean | void;
  id?: string;
  type?: "datetime-local";
  step?: number;
  list?: string;
  placeholder?: string;
}

/**
 * A field that keeps what is being typed while the page around it changes by
 * itself: its text follows the value only when the value changes.
 */
export function Field({ value, onDone, ...rest }: Props) {
  const ref = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (ref.current) ref.current.value = value;
  }, [value]);
  const done = (event: TargetedEvent<HTMLInputElement>) => {
    if (onDone(event.currentTarget.value.trim()) === false) event.currentTarget.value = value;
  };
  return <input ref={ref} {...rest} onChange={done} />;
}
