/** What the forms in the waterfall mean. */
export function WaterfallKey() {
  return (
    <ul class="legend tone-0" aria-label="Key">
      <li>
        <span class="sample">
          <span class="bar self" />
        </span>
        own time
      </li>
      <li>
        <span class="sample">
          <span class="bar" />
        </span>
        a callee at work
      </li>
      <li>
        <span class="sample">
          <span class="bar self" />
          <span class="bar gap" />
        </span>
        on the way, or queued
      </li>
      <li>
        <span class="sample">
          <span class="bar late" />
        </span>
        after the caller had left
      </li>
      <li>
        <span class="sample">
          <span class="bar backoff" />
        </span>
        between attempts
      </li>
      <li>
        <span class="sample">
          <span class="critical" />
        </span>
        critical path
      </li>
    </ul>
  );
}
