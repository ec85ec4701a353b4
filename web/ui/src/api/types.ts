// Written by "go run ./web/gen" from the Go structs. Do not edit.

/** Interval is a stretch of time, from Start up to, not including, End. */
export interface Interval {
  start: string;
  end: string;
}

/** Malformed is one kind of trouble with the input. */
export interface Malformed {
  what: string;
  count: number;
  /** where it was seen first: file:line (byte) */
  first: string;
}

/** Data counts what the report was made from. */
export interface Data {
  /** settled windows with at least one span */
  windows: number;
  spans: number;
  /** roots of traces: what users asked for */
  requests: number;
  services: number;
  nodes: number;
  edges: number;
  /** Orphans are spans whose parent never came. */
  orphans: number;
  /** Paired is the share of calls with both sides seen, of those that should have both. */
  paired: number;
  /** Malformed counts input that could not be read, by what was wrong. */
  malformed: Malformed[];
  /** Mended counts what was wrong in the input and could be put right. */
  mended: Malformed[];
}

/** State is where an incident stands. */
export type State = "building" | "outage" | "over" | "recovering";

/** Impact is what one entry route suffered. Durations are seconds. Where traces were sampled and say at what rate, its counts, rates and shares are those of all that the recorded requests stand for; percentiles are of what was recorded. */
export interface Impact {
  node: string;
  service: string;
  route: string;
  requests: number;
  failed: number;
  baseline_failed_share: number;
  /** requests a second */
  baseline_rate: number;
  rate: number;
  baseline_p50: number;
  p50: number;
  baseline_p95: number;
  p95: number;
  /** added waiting, summed over requests */
  excess_seconds: number;
}

/** CauseKind says what sort of thing a cause is. */
export type CauseKind = "cache" | "database" | "edge" | "external" | "host" | "instance" | "load" | "operation" | "queue" | "retry-policy" | "service";

/** CauseSummary names a cause. */
export interface CauseSummary {
  id: string;
  kind: CauseKind;
  name: string;
}

/** IncidentSummary is one incident as a list shows it. */
export interface IncidentSummary {
  id: string;
  state: State;
  start: string;
  /** null while it runs */
  end: string | null;
  sentence: string;
  /** 0 to 1 */
  confidence: number;
  /** the route hurt most; null where none is */
  worst: Impact | null;
  /** how many routes are hurt */
  routes: number;
  /** the first; null where none was found */
  cause: CauseSummary | null;
}

/** IncidentList is the answer of /api/v1/incidents. */
export interface IncidentList {
  /** changes when the report does */
  revision: string;
  range: Interval;
  data: Data;
  /** newest first */
  incidents: IncidentSummary[];
  notes: string[];
}

/** BaselineOf says what an incident was compared with. */
export interface BaselineOf {
  /** "before", "file", "contrast", "yesterday", "week-ago" */
  source: string;
  range: Interval;
  windows: number;
  /** Why says in a sentence why it was taken, or why the same time of an earlier day was not; empty where there was no choice. */
  why?: string;
}

/** Point is a value of one window. */
export interface Point {
  t: string;
  v: number;
}

/** Evidence is one number behind a cause: what was compared, and what it was. */
export interface Evidence {
  /** stable short name, e.g. "self_time" */
  metric: string;
  subject: string;
  /** "s", "1/s", "share", "1" */
  unit: string;
  baseline: number;
  incident: number;
  sentence: string;
  /** Series is the metric window by window over baseline and incident. */
  series: Point[];
}

/** Example is a trace worth looking at. */
export interface Example {
  trace_id: string;
  /** "baseline", "typical", "worst", "failed" */
  role: string;
  /** seconds */
  duration: number;
  start: string;
}

/** Line is one line of a cause's ledger: an account, what it cost the users and why it grew. Seconds are summed over the incident. */
export interface Line {
  account: string;
  route: string;
  /** seconds: slower per attempt */
  time: number;
  /** seconds: more attempts per call */
  retries: number;
  /** seconds: more calls per request */
  fan_out: number;
  /** seconds: more requests */
  demand: number;
}

/** Narrowed is a part of a cause that explains it: an operation, an instance. */
export interface Narrowed {
  dimension: string;
  value: string;
  /** of the cause's excess */
  share: number;
  sentence: string;
}

/** Counterfact says what users would have seen with the cause at its baseline. */
export interface Counterfact {
  route: string;
  /** seconds; 0 where it can't be said */
  p95: number;
  /** seconds */
  mean: number;
  /** seconds, the mean as it was */
  incident: number;
  failed_share: number;
  sentence: string;
}

/** Cause is one ranked candidate. */
export interface Cause {
  /** from 1 */
  rank: number;
  /** ID is the NodeID for nodes, caller->callee for edges, and the node's id with a fragment (#instance=..., #operation=...) for parts of a node. */
  id: string;
  kind: CauseKind;
  /** as the data writes it */
  name: string;
  /** Parent is the node that the cause is a part of or stands at; equal to ID for a node. */
  parent: string;
  /** Trigger is its share of what set the incident off, Sustaining of what keeps it up; 0 to 1 each, over all causes at most 1. */
  trigger: number;
  sustaining: number;
  confidence: number;
  /** of its own part */
  onset: string | null;
  sentence: string;
  evidence: Evidence[];
  examples: Example[];
  ledger: Line[];
  /** drill-down, best first */
  narrowed: Narrowed[];
  /** null where it can't be said */
  without: Counterfact | null;
  /** from the hurt entry to the cause */
  path: string[];
}

/** NodeView is a node of the incident's graph. */
export interface NodeView {
  id: string;
  kind: string;
  name: string;
  /** users enter here */
  entry: boolean;
  /** excess occupancy of its own */
  own: number;
  /** excess occupancy from its callees */
  inherited: number;
  rate: number;
  error_share: number;
  /** seconds a visit */
  baseline_mean: number;
  mean: number;
  onset: string | null;
  /** rank of the best cause here, 0 for none */
  cause: number;
}

/** EdgeView is an edge of the incident's graph. */
export interface EdgeView {
  caller: string;
  callee: string;
  async: boolean;
  /** excess occupancy carried from callee to caller */
  pressure: number;
  /** calls a second */
  rate: number;
  baseline_rate: number;
  error_share: number;
  baseline_error_share: number;
  /** attempts per call */
  amplification: number;
  baseline_amplification: number;
  /** seconds a call, at the client */
  mean: number;
  baseline_mean: number;
  p95: number;
  baseline_p95: number;
  paired: number;
}

/** Cell is one node in one window: excess occupancy, own and inherited, and the share of failed visits. */
export interface Cell {
  t: string;
  own: number;
  inherited: number;
  failed_share: number;
}

/** Row is one node of the timeline. */
export interface Row {
  node: string;
  name: string;
  /** of its own part; null if it was only pressed */
  onset: string | null;
  /** one per window, baseline's tail included */
  cells: Cell[];
}

/** PhaseName says what an incident is doing. */
export type PhaseName = "amplification" | "onset" | "outage" | "recovery";

/** Phase is a stretch of an incident. */
export interface Phase {
  name: PhaseName;
  start: string;
  end: string;
  sentence: string;
}

/** Hop is a node in the order in which the incident reached it. */
export interface Hop {
  node: string;
  name: string;
  at: string;
  /** Own is set where the node's own part left its baseline no later than its visits as a whole did; else it was pressed by what it calls. */
  own: boolean;
  /** Lag is how many seconds after the first node that was. */
  lag: number;
}

/** Containment is the call at which the cascade could have been cut: had its caller given up there, what lies above would have been spared. */
export interface Containment {
  /** zero where users are the callers */
  caller: string;
  callee: string;
  /** By says how: "cap-retries", "fail-fast" or "shed-load". */
  by: string;
  /** Spared is the share of the callee's attempts that would not have been made (cap-retries) or of its calls that were held open beyond the usual. */
  spared: number;
  sentence: string;
}

/** Forecast says when users will be well again, while the pressure decays. */
export interface Forecast {
  well: string;
  /** Earliest and Latest bound it with a probability of 80%. */
  earliest: string;
  latest: string;
  /** Decay is how the pressure goes down: "linear", as a backlog does that is worked off at a steady rate, "exponential", as retries do, or "hyperbolic", as the misses of a cache that fills. */
  decay: string;
  sentence: string;
}

/** PressingKind says what sort of thing keeps the pressure up. */
export type PressingKind = "backlog" | "cold-cache" | "failures" | "full-pool" | "retries" | "users";

/** Pressing is one thing that still presses. */
export interface Pressing {
  kind: PressingKind;
  subject: string;
  /** "s", "share", "1" */
  unit: string;
  usual: number;
  highest: number;
  now: number;
  /** HalfLife is in how many seconds what is above the usual halves at its present pace; 0 where it does not go down. */
  half_life_seconds: number;
  /** Gone is when it is back to the usual at this pace; null where it does not go down. */
  gone: string | null;
  sentence: string;
}

/** Recovery is what still presses after what set an incident off is gone. */
export interface Recovery {
  /** Since is when what set it off was gone, or began to be put right. */
  since: string;
  /** what goes last first */
  pressing: Pressing[];
  /** Endless is set where nothing goes down: it will not end by itself. */
  endless: boolean;
  /** Intervention is the smallest that would end it; empty where it ends by itself. */
  intervention: string;
  sentence: string;
}

/** Left counts the workflows that began in an incident and what became of them. */
export interface Left {
  /** that changed something, or tried to */
  workflows: number;
  half_done: number;
  done_twice: number;
  perhaps_twice: number;
  running: number;
  /** Until is set where there were too many: only those that began before were looked at. */
  until: string | null;
  sentence: string;
  /** that lists them; empty where there is nothing */
  command: string;
}

/** Balance is the ledger's sum. Explained plus Unattributed is Excess, to 1e-9. */
export interface Balance {
  excess_seconds: number;
  excess_failures: number;
  /** shares: reached a cause */
  explained: number;
  /** shares: no account explains it */
  unattributed: number;
}

/** Incident is one stretch of time in which users or nodes left their baseline, and its explanation. */
export interface Incident {
  id: string;
  state: State;
  start: string;
  /** null while it runs */
  end: string | null;
  sentence: string;
  /** of the first cause, 0 to 1 */
  confidence: number;
  baseline: BaselineOf;
  /** worst first */
  impact: Impact[];
  /** best first */
  causes: Cause[];
  /** the graph of the incident, by id */
  nodes: NodeView[];
  /** by caller, callee */
  edges: EdgeView[];
  /** nodes by onset */
  timeline: Row[];
  /** in order, without gaps */
  phases: Phase[];
  /** Metastable is set where the pressure stays up though what set it off is gone; Sustained says what keeps it up. */
  metastable: boolean;
  sustained?: string;
  /** Order is how the incident spread, the first node first. */
  order: Hop[];
  /** Containment is where it could have been cut; null where that can't be said. */
  containment: Containment | null;
  /** Forecast says when users will be well again, while a running incident recovers; else null. */
  forecast: Forecast | null;
  /** Recovery says what still presses after what set the incident off is gone; null before. */
  recovery: Recovery | null;
  /** Left is what it left half done or done twice; null where workflows were not looked at, or not yet. */
  left: Left | null;
  /** Balance is how the ledger adds up: users' excess seconds and failures, and the part that no account explains. */
  balance: Balance;
  notes: string[];
}

/** IncidentView is the answer of /api/v1/incidents/{id}. */
export interface IncidentView {
  revision: string;
  window_seconds: number;
  incident: Incident;
}

/** EdgeFrames is one edge, frame by frame. */
export interface EdgeFrames {
  caller: string;
  callee: string;
  async: boolean;
  /** occupancy above the baseline */
  pressure: number[];
  /** calls a second */
  rate: number[];
  /** seconds of an attempt, at the caller */
  mean: number[];
  error_share: number[];
  /** attempts per call */
  amplification: number[];
}

/** Shared is something that ties nodes together and is no node of the graph itself: a host on which they run, connections for which they wait, a version that they have. */
export interface Shared {
  /** "host", "pool" or "version" */
  kind: string;
  name: string;
  /** Cause is the rank of the cause that it is or belongs to. */
  cause: number;
  /** Members are the nodes that it ties, by id; of a pool, who waits and for whom. */
  members: string[];
}

/** FramesView is the answer of /api/v1/incidents/{id}/frames: how the calls of an incident went, frame by frame. A frame is a window, or several as one where an incident is long. Lists within edges run parallel to Times. */
export interface FramesView {
  frame_seconds: number;
  /** begins of the frames; empty where the windows are no longer kept */
  times: string[];
  /** the most pressed, by caller, callee */
  edges: EdgeFrames[];
  /** Shared is what ties nodes together and is no node of the graph itself. */
  shared: Shared[];
}

/** Match is a span that fits. */
export interface Match {
  span_id: string;
  service: string;
  name: string;
  duration: number;
  outcome: string;
}

/** FoundTrace is a trace with at least one span that fits. Durations are seconds. */
export interface FoundTrace {
  id: string;
  /** of the root; empty where that is not stored */
  service: string;
  /** of the root */
  name: string;
  /** of the root, else of the earliest span */
  start: string;
  duration: number;
  /** the root failed */
  failed: boolean;
  spans: number;
  /** spans that failed */
  failures: number;
  /** spans that fit, of what was looked at */
  matches: number;
  /** the longest of them */
  match: Match;
}

/** TraceList is the answer of /api/v1/traces: what was found from the newest back until there was enough, or time to answer. */
export interface TraceList {
  range: Interval;
  /** spans that were looked at for this answer */
  looked: number;
  /** Next is where to go on: of all that starts then or later, what fits was told. Ask for it with before, and the ends of range as from and to. Null where all was looked at. */
  next: string | null;
  traces: FoundTrace[];
}

/** AttributeView is an attribute, its value as text. */
export interface AttributeView {
  key: string;
  value: string;
}

/** ResourceView is who emitted spans. */
export interface ResourceView {
  service: string;
  instance: string;
  host: string;
  version: string;
  attributes: AttributeView[];
}

/** CallView says which attempt of a call a span is, as its caller sees it. Durations are nanoseconds. */
export interface CallView {
  /** number of the call within the trace; -1 for a span that is no attempt */
  call: number;
  /** from 1 */
  attempt: number;
  /** of the call in all */
  attempts: number;
  /** waited since the attempt before */
  backoff: number;
  /** the callee's side was seen */
  paired: boolean;
  /** part of it in which the callee's side was not open */
  gap: number;
  /** the part of the gap before the callee's side began */
  wait: number;
}

/** Stretch is a time within a trace, in nanoseconds from its start. */
export interface Stretch {
  from: number;
  to: number;
}

/** EventView is something that happened within a span. */
export interface EventView {
  offset: number;
  name: string;
  attributes: AttributeView[];
}

/** LinkView points at another span. */
export interface LinkView {
  trace_id: string;
  span_id: string;
  attributes: AttributeView[];
}

/** SpanView is one span in its place. */
export interface SpanView {
  id: string;
  /** index into spans, -1 for a root */
  parent: number;
  depth: number;
  /** how many of the next spans are its descendants */
  below: number;
  /** index into resources */
  resource: number;
  name: string;
  kind: string;
  /** ok, failed, timed-out, cancelled, rejected, refused */
  outcome: string;
  failed: boolean;
  /** of the status */
  message: string;
  start: number;
  duration: number;
  /** covered by no child that it waits for */
  self: number;
  /** it ran on for so long after its caller had left */
  late: number;
  /** added to the times as sent, to undo clock skew */
  shift: number;
  /** its parent does not wait for it */
  async: boolean;
  call: CallView;
  /** when the request waited for this span and for nothing below it */
  critical: Stretch[];
  /** orphan, cycle, backwards, skew, outlives-parent, before-parent, too-long */
  notes: string[];
  /** as sent */
  raw_start: string;
  raw_duration: number;
  /** the instrumentation library */
  scope: string;
  attributes: AttributeView[];
  events: EventView[];
  links: LinkView[];
}

/** TraceView is the answer of /api/v1/traces/{id}: an assembled trace as a waterfall shows it. Offsets and durations are nanoseconds; offsets count from Start and are corrected for clock skew. */
export interface TraceView {
  id: string;
  /** of the earliest span */
  start: string;
  duration: number;
  /** spans that failed */
  failed: number;
  /** who emitted the spans */
  resources: ResourceView[];
  /** each parent right before its children */
  spans: SpanView[];
  /** spans beyond the most that are shown */
  omitted: number;
}

/** GraphNode is a node of the live graph. Times are seconds. */
export interface GraphNode {
  id: string;
  kind: string;
  name: string;
  /** users enter here */
  entry: boolean;
  /** visits a second */
  rate: number;
  error_share: number;
  /** of a visit */
  mean: number;
  p95: number;
}

/** GraphEdge is an edge of the live graph. Times are seconds. */
export interface GraphEdge {
  caller: string;
  callee: string;
  async: boolean;
  /** calls a second */
  rate: number;
  error_share: number;
  /** attempts per call */
  amplification: number;
  /** of an attempt, at the caller */
  mean: number;
  p95: number;
}

/** GraphView is the answer of /api/v1/graph: who calls whom in a stretch of time. */
export interface GraphView {
  /** that the windows cover; zero times without windows */
  range: Interval;
  spans: number;
  /** by id */
  nodes: GraphNode[];
  /** by caller, callee */
  edges: GraphEdge[];
}

/** NodePoint is a node in a part of the range. */
export interface NodePoint {
  t: string;
  /** visits a second */
  rate: number;
  mean: number;
  p50: number;
  p95: number;
  /** mean own time of a visit */
  self: number;
  error_share: number;
  /** visits under way on average */
  in_flight: number;
}

/** PartView is a part of a node: one operation, or one running copy. */
export interface PartView {
  name: string;
  /** host, zone and version of a copy, where they are known */
  place: string;
  rate: number;
  mean: number;
  p95: number;
  self: number;
  error_share: number;
}

/** ExampleView is a trace with a visit worth looking at. */
export interface ExampleView {
  trace_id: string;
  /** typical, worst, failed */
  role: string;
  start: string;
  /** of the visit */
  duration: number;
}

/** NodeCourse is the answer of /api/v1/node: a node over a time range. Times are seconds. */
export interface NodeCourse {
  /** that the windows cover */
  range: Interval;
  /** the time that a point stands for */
  point_seconds: number;
  /** over the whole range */
  node: GraphNode;
  /** in order of time */
  points: NodePoint[];
  /** by visits, at most 50 */
  operations: PartView[];
  /** by visits, at most 50 */
  instances: PartView[];
  callers: GraphEdge[];
  callees: GraphEdge[];
  examples: ExampleView[];
  /** operations and instances beyond the most that are told */
  left: number;
}

/** EdgePoint is an edge in a part of the range. */
export interface EdgePoint {
  t: string;
  /** calls a second */
  rate: number;
  /** of an attempt, at the caller */
  mean: number;
  p95: number;
  error_share: number;
  amplification: number;
  /** mean of what the callee's side does not account for */
  gap: number;
  in_flight: number;
}

/** OutcomeView counts attempts that ended in one way. */
export interface OutcomeView {
  outcome: string;
  count: number;
}

/** EdgeCourse is the answer of /api/v1/edge: calls over a time range. Times are seconds. */
export interface EdgeCourse {
  range: Interval;
  point_seconds: number;
  edge: GraphEdge;
  caller_name: string;
  callee_name: string;
  points: EdgePoint[];
  /** of attempts; those that occurred */
  outcomes: OutcomeView[];
  /** share seen from both sides, of those that should be */
  paired: number;
}

/** Counts counts workflows that were judged. HalfDone and DoneTwice may count the same workflow. */
export interface Counts {
  /** that changed something, or tried to */
  workflows: number;
  done: number;
  half_done: number;
  done_twice: number;
  /** PerhapsTwice may have done a step twice; they may count elsewhere, too. */
  perhaps_twice: number;
  undone: number;
  running: number;
  /** Nothing tried and changed nothing. */
  nothing: number;
  /** Doubtful lack a step whose span was more likely lost than never made; they count as done. */
  doubtful: number;
  /** Fragments are traces that change something and whose beginning never came, so that nobody can tell of which workflow they are; they are not judged. */
  fragments: number;
  /** Unknown began at an entry of which too little was learned to judge them. */
  unknown: number;
}

/** WorkflowState is what became of a workflow. */
export type WorkflowState = "done-twice" | "half-done" | "perhaps-twice" | "running" | "undone";

/** Key is a business key: an attribute of the workflow's spans. */
export interface Key {
  name: string;
  value: string;
}

/** StepID names a kind of step: who changes what, and where in the code. */
export interface StepID {
  service: string;
  /** of the service, in which it is done */
  operation: string;
  /** what is called there */
  call: string;
  /** what is changed */
  target: string;
}

/** Step is a step that was done. */
export interface Step {
  step: StepID;
  /** when it was done first */
  at: string;
  /** in how many attempts it was done */
  times: number;
}

/** Gap is a step that belongs to those done and did not come. */
export interface Gap {
  step: StepID;
  /** Why is "failed" (it was tried and failed), "gave-up" (it was tried and its caller gave up: it may have been done), "service-failed" (the service that does it was asked and failed), "not-reached" (something failed before it), "message-failed" (its message was taken, in vain), "message-not-taken" (its message was sent and never taken), "silent" (nothing failed). */
  why: string;
  /** how likely its spans were lost */
  lost_spans: number;
}

/** Perhaps is a step that may have been done more than once. */
export interface Perhaps {
  step: StepID;
  attempts: number;
  /** attempts that its caller stopped waiting for */
  gave_up: number;
  /** Likely is how likely it was done more than once: told by the share of the answers of that system that take no longer than was waited. */
  likely: number;
}

/** Wait is a place in a queue. */
export interface Wait {
  queue: string;
  /** service */
  consumer: string;
  since: string;
  /** Ahead is how many messages that are known to wait came before it. */
  ahead: number;
  /** Tries is how often it was taken before, in vain. */
  tries: number;
}

/** Workflow is one workflow that is not simply done. */
export interface Workflow {
  trace_id: string;
  /** further traces of it, by id */
  linked_trace_ids: string[];
  route: string;
  /** of the entry */
  service: string;
  state: WorkflowState;
  start: string;
  /** of the last span */
  end: string;
  keys: Key[];
  /** committed and not undone, in order of time */
  done: Step[];
  missing: Gap[];
  twice: Step[];
  undone: Step[];
  perhaps_twice: Perhaps[];
  /** LostSpans is how likely lost spans alone explain the gaps, 0 to 1. */
  lost_spans: number;
  /** Waits says in which queue it waits; nil where it does not. */
  waits?: Wait | null;
}

/** Learned is a step as it usually is. Times are seconds after the workflow's start. */
export interface Learned {
  step: StepID;
  /** of the workflows that changed anything */
  share: number;
  /** median */
  delay_s: number;
  /** 99 of 100 had come by then */
  latest_s: number;
  /** it is done by who takes a message */
  message: boolean;
}

/** Route is what was learned of the workflows of an entry. */
export interface Route {
  service: string;
  operation: string;
  /** learned from */
  workflows: number;
  /** in their usual order */
  steps: Learned[];
  /** Deadline, in seconds after the last sign of life, is how long a step that a message leads to may stay away before it counts as missing; Settled is the same for the others. */
  deadline_s: number;
  settled_s: number;
}

/** Undoing is a step that takes another back. */
export interface Undoing {
  step: StepID;
  undoes: StepID[];
  /** workflows in which it did */
  seen: number;
  /** ByName is set where its name told more than how often it was seen. */
  by_name: boolean;
}

/** WorkflowReport is what became of the workflows. Lists are in a total order and never null in JSON. */
export interface WorkflowReport {
  /** 1 */
  version: number;
  /** Until is the end of the newest span: what had not come by then may still come. */
  until: string;
  counts: Counts;
  /** Workflows are those of the states above, by start, then trace id. */
  workflows: Workflow[];
  /** Routes are what was learned of each entry that changes state, by name. */
  routes: Route[];
  /** Undoing are the steps that take others back. */
  undoing: Undoing[];
  /** Keys are the attributes that were taken for business keys. */
  keys: string[];
  /** Lost is the share of spans that never came, told by parents that are named and missing. */
  lost: number;
  /** LeftOut is how many traces that change state fell over the bound. */
  left_out: number;
  /** Judged is when the workflows began that were asked for and judged; nil for all that there are. */
  judged?: Interval | null;
  /** Rest is set where Judged is less than what was asked for: to be asked for from its end on. */
  rest?: boolean;
  /** Notes say what limits the answer. */
  notes: string[];
}

/** RiskKind says what sort of weakness a risk is. */
export type RiskKind = "amplification" | "call-per-item" | "late-deadline" | "little-room" | "nearly-full" | "no-return" | "no-timeout" | "shared";

/** RiskWay is a path on which attempts multiply. */
export interface RiskWay {
  /** from callers to callees */
  path: string[];
  /** at its end, for one request */
  attempts: number;
}

/** RiskEvidence is one number behind a risk. */
export interface RiskEvidence {
  /** stable short name, e.g. "attempts" */
  metric: string;
  /** "s", "1/s", "share", "1" */
  unit: string;
  value: number;
  sentence: string;
}

/** RiskExample is a trace that shows a risk. */
export interface RiskExample {
  trace_id: string;
  start: string;
  /** seconds, of what it shows */
  duration: number;
}

/** Risk is one weakness. */
export interface Risk {
  /** from 1 */
  rank: number;
  kind: RiskKind;
  subject: string;
  /** Path is what it concerns, from callers to callees. */
  path: string[];
  /** Others are further paths to the same calls, where several callers retry them. */
  others: RiskWay[];
  /** Score is what the order is by, 0 to 1: how much harm is to be expected. */
  score: number;
  /** Sure is how sure it is that the weakness is there, 0 to 1. */
  sure: number;
  /** Users is the share of users' requests that pass there. */
  users: number;
  sentence: string;
  remedy: string;
  evidence: RiskEvidence[];
  examples: RiskExample[];
}

/** RiskLimit is a factor that a replay found. */
export interface RiskLimit {
  /** Factor is 0 where it does not happen up to MostSlow, as far as was seen. */
  factor: number;
  /** Least is by how much it may slow at least: beyond that, limits that never showed may be reached. */
  least: number;
}

/** RiskRetried is a call that is retried. */
export interface RiskRetried {
  caller: string;
  callee: string;
  /** of one call */
  attempts: number;
}

/** RiskHeld is what keeps a system from coming back by itself after a dependency was slow for a while. */
export interface RiskHeld {
  /** by which it was slowed in this replay */
  factor: number;
  /** Retried are the calls that are retried when it is over, the most first; empty where none is. */
  retried: RiskRetried[];
  /** Mend is the smallest change, of those that were tried, with which the system comes back; empty where none was enough. */
  mend: string;
  tried: number;
}

/** RiskPlayed is what a replay says of slowing a dependency down. */
export interface RiskPlayed {
  known: boolean;
  /** it is not known */
  why?: string;
  /** Felt is by what factor its own work must get slower for users to feel it, Stuck for the system not to come back by itself once it is as before. */
  felt: RiskLimit;
  stuck: RiskLimit;
  /** Held is what keeps the system from coming back; null where it does, or where that takes more than dependencies commonly do. */
  held: RiskHeld | null;
  sentence: string;
}

/** RiskRoom says by what factor a dependency may slow down before users feel it. */
export interface RiskRoom {
  node: string;
  /** Factor is 0 where nothing sets a limit that was seen. */
  factor: number;
  /** AtLeast is set where the limit was not seen, only that so much was borne. */
  at_least: boolean;
  /** "timeout", "places" or empty */
  by: string;
  users: number;
  sentence: string;
  /** Played is what a replay says; null where none was made. */
  played: RiskPlayed | null;
}

/** RiskRoute is an entry, and whether it was taken for critical. */
export interface RiskRoute {
  service: string;
  route: string;
  requests: number;
  critical: boolean;
  /** Background routes are not asked for by users: they take messages. */
  background: boolean;
}

/** RiskReport is what may break. Lists are in a total order and never null in JSON. */
export interface RiskReport {
  /** 1 */
  version: number;
  /** of the spans and windows that it was made from */
  range: Interval;
  traces: number;
  spans: number;
  windows: number;
  /** worst first */
  risks: Risk[];
  /** Room is how much slower each dependency may get, the least first. */
  room: RiskRoom[];
  /** by requests, the most first */
  routes: RiskRoute[];
  /** LeftOut counts what fell over the bounds. */
  left_out: number;
  notes: string[];
}

/** RiskPlays is what replays say of slowing dependencies down. */
export interface RiskPlays {
  /** those that were played */
  room: RiskRoom[];
  /** Risks are all risks, with those that only replays show, of all that were played of this time up to now; empty where nothing could be fitted. */
  risks: Risk[];
  /** Why says why nothing could be fitted; empty where something was. */
  why?: string;
}

/** Moment is one window of a route. */
export interface Moment {
  /** after the incident's begin, of the window's begin */
  t: number;
  requests: number;
  /** seconds */
  p95: number;
  failed_share: number;
}

/** Outcome is what users saw in a run, or as it was measured. */
export interface Outcome {
  /** P95 and Failed are those of the route that was hurt most, over the incident: seconds and a share of its requests. */
  p95: number;
  failed_share: number;
  /** Pain is what all users lost in the incident, in seconds: what they waited more than usual, and failureWorth for each failure. */
  pain_seconds: number;
  /** Recovered is set where users were well again by the end of what is played; Seconds is then how long after the incident's begin they were hurt last. */
  recovered: boolean;
  seconds_to_recovery: number;
  /** Course is how the route went, window by window. */
  course: Moment[];
}

/** SettingKind is what a change changes. */
export type SettingKind = "breaker" | "budget-retries" | "cap-retries" | "optional" | "pool" | "replicas" | "shed" | "timeout";

/** Setting is what an operator could have set otherwise. */
export interface Setting {
  kind: SettingKind;
  /** Target is what is changed: caller->callee for an edge, a service, or a route; by names, as the windows write them. */
  target: string;
  value: number;
  /** At is when it comes into force, in seconds after the incident's begin; nil for before it. */
  at: number | null;
}

/** Effect is what came of runs with changes. */
export interface Effect {
  changes: Setting[];
  /** the middle of the runs, number by number */
  outcome: Outcome;
  runs: number;
  /** Well is in how many of the runs users were well by the end; Open is set where the runs disagree so much that chance decides, and Outcome.Recovered is a guess. */
  runs_recovered: number;
  recovery_open: boolean;
  /** Seed is that of the run in the middle, by what users lost: Play plays it again. */
  seed: number;
  /** Low and High are the least and the greatest of the runs. */
  p95_low: number;
  p95_high: number;
  failed_low: number;
  failed_high: number;
  seconds_low: number;
  seconds_high: number;
  /** Spared is the share of the users' pain that would not have been. */
  spared: number;
  sentence: string;
  /** the flags that ask for it */
  command: string;
  /** Beyond are the nodes to which more comes than was ever seen, and how much more: whether they bear it is not known. */
  beyond: string[];
}

/** Ramp is how traffic could have been held back and come back, without anything else changed. */
export interface Ramp {
  /** of all requests, turned away at first */
  share: number;
  /** seconds after the incident's begin */
  at: number;
  /** with so much turned away */
  hold_seconds: number;
  /** in which it comes back, step by step */
  over_seconds: number;
  /** seconds after the begin, users are well */
  well_after: number;
  sentence: string;
}

/** WhatIf is what a change would have changed, or which change would have changed most. Without Known, nothing is said of changes. */
export interface WhatIf {
  known: boolean;
  /** it is not known */
  why?: string;
  /** the one that was hurt most: p95 and failures are its */
  route: string;
  /** Happened is what was measured, Replayed what the fit does without a change. */
  happened: Outcome;
  replayed: Effect;
  /** Changed is what the changes that were asked for would have made of it, all together; null where none was. */
  changed: Effect | null;
  /** Containment are changes that were tried out, best first; empty where changes were asked for. */
  containment: Effect[];
  /** Ramp is how traffic could have come back; null where it need not be held back. */
  ramp: Ramp | null;
  notes: string[];
}

/** NodeFrames is one node, frame by frame. */
export interface NodeFrames {
  node: string;
  /** occupancy above the baseline, its own */
  own: number[];
  /** the same, of what it waits for */
  inherited: number[];
  error_share: number[];
}

/** ReplaySide is what nodes and edges did: the most pressed of the incident. */
export interface ReplaySide {
  /** by id */
  nodes: NodeFrames[];
  /** by caller, callee */
  edges: EdgeFrames[];
}

/** ReplayView is the answer of /api/v1/incidents/{id}/whatif/frames: an incident as it was and as it would have been with changes, frame by frame. Both begin before it, and go on after its end. Lists within nodes and edges run parallel to Times. */
export interface ReplayView {
  /** Known is set where the incident can be played; Why says what is lacking. */
  known: boolean;
  why?: string;
  frame_seconds: number;
  /** begins of the frames */
  times: string[];
  happened: ReplaySide;
  /** one run, that of the seed */
  changed: ReplaySide;
}

/** Receivers are the addresses that take OTLP, as host:port; empty where there is none. */
export interface Receivers {
  grpc: string;
  http: string;
}

/** Status is the answer of /api/v1/status. */
export interface Status {
  version: string;
  report_version: number;
  /** all before it is settled; null without spans */
  watermark: string | null;
  window_seconds: number;
  data: Data;
  incidents: number;
  /** incidents that are not over */
  open: number;
  receivers: Receivers;
  /** traces can be searched */
  searchable: boolean;
  /** a token is asked for */
  login: boolean;
}

/** Change is the data of an event "change" on /api/v1/events. One is sent at once, and then one whenever the report differs. */
export interface Change {
  /** as in IncidentList */
  revision: string;
}

/** Problem is an error answer, as RFC 9457 has it. */
export interface Problem {
  /** always "about:blank": title says what the status says */
  type: string;
  /** the status in words */
  title: string;
  /** the HTTP status */
  status: number;
  /** what went wrong here, for a person */
  detail: string;
  /** the path that was asked for */
  instance: string;
}
