import type { State } from "../api/types";
import { stateMeaning, stateWords } from "../format/words";

/** An incident's state: a word, with a form of its own beside the colour. */
export function StateMark({ state }: { state: State }) {
  return (
    <span class={`state ${state}`} title={stateMeaning[state]}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        {forms[state]}
      </svg>
      {stateWords[state]}
    </span>
  );
}

const forms = {
  building: <path d="M6 1.6 11 10.4H1z" fill="none" stroke="currentColor" stroke-width="1.6" />,
  outage: <rect x="1" y="1" width="10" height="10" fill="currentColor" />,
  recovering: (
    <>
      <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M6 1.4a4.6 4.6 0 0 1 0 9.2z" fill="currentColor" />
    </>
  ),
  over: <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.6" />,
};
