interface Props {
  shared?: boolean;
  cut?: boolean;
  cutWords?: string;
  /** Nodes are marked that were changed. */
  changed?: boolean;
}

/** What the forms of the cascade picture mean. */
export function Legend({ shared = false, cut = false, cutWords = "cut here", changed = false }: Props) {
  return (
    <ul class="legend">
      <li>
        <svg viewBox="0 0 34 12" aria-hidden="true">
          <path d="M1 6h14" stroke="var(--pressed)" stroke-width="2" />
          <path d="M17 6h16" stroke="var(--pressed)" stroke-width="8" />
        </svg>
        width: pressure carried to the caller
      </li>
      <li>
        <svg viewBox="0 0 34 12" aria-hidden="true">
          <path class="retries" d="M1 6l4-4 5 8 5-8 5 8 5-8 5 8 3-4" />
        </svg>
        retries, attempts per call
      </li>
      <li>
        <svg viewBox="0 0 34 12" aria-hidden="true">
          <rect class="own" y="2" width="34" height="8" />
        </svg>
        own pressure
      </li>
      <li>
        <svg viewBox="0 0 34 12" aria-hidden="true">
          <rect class="inherited-plain" y="2" width="34" height="8" />
          <path class="hatch-stroke" d="M2 10 8 2M9 10l6-8M16 10l6-8M23 10l6-8M30 10l4-5" />
        </svg>
        inherited pressure
      </li>
      <li>
        <svg viewBox="0 0 34 12" aria-hidden="true">
          <path d="M1 6h32" stroke="var(--faint)" stroke-width="1.5" stroke-dasharray="2 3" />
        </svg>
        no answer awaited
      </li>
      {cut && (
        <li>
          <svg viewBox="0 0 34 12" aria-hidden="true">
            <path d="M1 6h32" stroke="var(--pressed)" stroke-width="4" />
            <path class="cut-mark" d="M14 0v12M19 0v12" />
          </svg>
          {cutWords}
        </li>
      )}
      {changed && (
        <li>
          <svg viewBox="0 0 34 12" aria-hidden="true">
            <rect x="1" y="1" width="32" height="10" rx="3" fill="none" stroke="var(--accent)" stroke-width="2" />
          </svg>
          changed here
        </li>
      )}
      {shared && (
        <li>
          <svg viewBox="0 0 34 12" aria-hidden="true">
            <path d="M1 6h32" stroke="var(--own)" stroke-width="1.5" stroke-dasharray="7 3 1.5 3" />
          </svg>
          no call, but something shared: a host, a pool
        </li>
      )}
    </ul>
  );
}
