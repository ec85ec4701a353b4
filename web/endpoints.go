package web

import "github.com/gin-gonic/gin"

// Endpoint is one path of the API. The table of endpoints makes both the routes
// and their description (openapi.json), so that neither can lack one of the
// other's.
type Endpoint struct {
	Path    string  // below /api/v1, with parameters in braces
	Summary string  // in one sentence
	Params  []Param // of the path first, then of the query
	// Answer names the type of the answer; Media is its form where it is not
	// JSON.
	Answer string
	Media  string
	// Errors are the statuses that it may answer with, beside 401, 403 and 500.
	Errors []int

	handle func(*Server) gin.HandlerFunc
}

// Param is a parameter of an endpoint.
type Param struct {
	Name     string
	In       string // "path" or "query"
	Required bool
	Repeated bool   // may be given several times
	Type     string // of JSON Schema: string, number, integer, boolean
	Format   string // of JSON Schema, or empty
	Enum     []string
	Doc      string
}

// byID is the id in a path.
func byID(doc string) Param {
	return Param{Name: "id", In: "path", Required: true, Type: "string", Doc: doc}
}

func inQuery(name, typ, doc string) Param {
	return Param{Name: name, In: "query", Type: typ, Doc: doc}
}

func inTime(name, doc string) Param {
	return Param{Name: name, In: "query", Type: "string", Format: "date-time", Doc: doc}
}

// workflowKey names a business key.
var workflowKey = Param{Name: "key", In: "query", Repeated: true, Type: "string", Doc: "An attribute that is a business key, such as order.id. Those that are found by default."}

// workflowFrom goes on with what did not fit into an answer.
var workflowFrom = inTime("from", "Only workflows that began then or later. Where an answer has a rest, its judged.end, which is in its header Link as well.")

// changeParam is a change as the command's flags have it.
var changeParam = Param{Name: "change", In: "query", Repeated: true, Type: "string", Doc: "A change: its kind, a blank, and what is changed, as in \"cap-retries checkout->orders=1\". Without any, those that would have contained the incident are looked for."}

// changedAt says from when on changes are in force.
var changedAt = inQuery("at", "number", "When the changes come into force, in seconds after the incident's begin. Before it by default.")

// stretchParams say of which time an endpoint tells.
var stretchParams = []Param{
	inTime("from", "Begin of the time range, RFC 3339. Five minutes before its end by default."),
	inQuery("last", "integer", "In place of from: so many seconds before the end of the time range."),
	inTime("to", "End of the time range, RFC 3339. By default the end of what is settled."),
}

func with(params []Param, more ...Param) []Param {
	return append(more[:len(more):len(more)], params...)
}

// riskParams choose what risks are told from.
var riskParams = []Param{
	inTime("from", "Begin of the time range, RFC 3339. Two hours before its end by default; at most three."),
	inTime("to", "End of the time range, RFC 3339. By default the end of what is settled."),
	inQuery("last", "integer", "In place of from: how many seconds before the end."),
	{Name: "critical", In: "query", Repeated: true, Type: "string", Doc: "A route that matters, such as POST /checkout. Those that are asked for most by default."},
}

// Endpoints lists what the API answers to, all with GET.
func Endpoints() []Endpoint {
	return []Endpoint{
		{
			Path: "/status", Summary: "What Headwater runs on and has seen.", Answer: "Status",
			handle: func(s *Server) gin.HandlerFunc { return s.status },
		},
		{
			Path: "/incidents", Summary: "All incidents, newest first.", Answer: "IncidentList",
			handle: func(s *Server) gin.HandlerFunc { return s.incidents },
		},
		{
			Path: "/incidents/{id}", Summary: "One incident with its causes and their evidence.", Answer: "IncidentView",
			Params: []Param{byID("Id of the incident. That of one which was merged into another finds the other.")},
			Errors: []int{404},
			handle: func(s *Server) gin.HandlerFunc { return s.incident },
		},
		{
			Path: "/incidents/{id}/frames", Summary: "The calls of an incident, window by window.", Answer: "FramesView",
			Params: []Param{byID("Id of the incident.")},
			Errors: []int{404, 504},
			handle: func(s *Server) gin.HandlerFunc { return s.frames },
		},
		{
			Path: "/incidents/{id}/report", Summary: "An incident as text, to paste into a message.", Answer: "string", Media: "text/plain",
			Params: []Param{byID("Id of the incident.")},
			Errors: []int{404},
			handle: func(s *Server) gin.HandlerFunc { return s.incidentReport(asText) },
		},
		{
			Path: "/incidents/{id}/report.md", Summary: "An incident as a draft of a post-mortem in Markdown.", Answer: "string", Media: "text/markdown",
			Params: []Param{byID("Id of the incident.")},
			Errors: []int{404},
			handle: func(s *Server) gin.HandlerFunc { return s.incidentReport(asMarkdown) },
		},
		{
			Path: "/incidents/{id}/report.html", Summary: "An incident as one page with its pictures, that needs no network.", Answer: "string", Media: "text/html",
			Params: []Param{byID("Id of the incident.")},
			Errors: []int{404},
			handle: func(s *Server) gin.HandlerFunc { return s.incidentReport(asHTML) },
		},
		{
			Path: "/incidents/{id}/workflows", Answer: "WorkflowReport",
			Summary: "The workflows that began in an incident and are half done, done twice, undone or not over.",
			Params:  []Param{byID("Id of the incident."), workflowKey, workflowFrom},
			Errors:  []int{400, 404, 501, 504},
			handle:  func(s *Server) gin.HandlerFunc { return s.workflows },
		},
		{
			Path: "/incidents/{id}/workflows.csv", Summary: "All of them, one workflow a row. Where that fails half way, the answer is broken off.", Answer: "string", Media: "text/csv",
			Params: []Param{byID("Id of the incident."), workflowKey, workflowFrom},
			Errors: []int{400, 404, 501, 504},
			handle: func(s *Server) gin.HandlerFunc { return s.workflowsCSV },
		},
		{
			Path: "/risks", Summary: "What may break when a dependency slows down, told from healthy traffic.", Answer: "RiskReport",
			Params: riskParams,
			Errors: []int{400, 501, 504},
			handle: func(s *Server) gin.HandlerFunc { return s.risks },
		},
		{
			Path: "/risks/played", Answer: "RiskPlays",
			Summary: "The traffic played again with a dependency slowed down: from what factor on users feel it, and the system does not come back by itself.",
			Params:  with(riskParams, Param{Name: "node", In: "query", Repeated: true, Type: "string", Doc: "Id of a dependency, as the risks have it. The six that are most used by default."}),
			Errors:  []int{400, 501, 504},
			handle:  func(s *Server) gin.HandlerFunc { return s.risksPlayed },
		},
		{
			Path: "/incidents/{id}/whatif", Answer: "WhatIf",
			Summary: "What changes would have made of an incident, or which would have contained it.",
			Params:  []Param{byID("Id of the incident."), changeParam, changedAt, inQuery("runs", "integer", "Random seeds that the answer is made from: 5 by default, at most 20.")},
			Errors:  []int{400, 404, 504},
			handle:  func(s *Server) gin.HandlerFunc { return s.whatif },
		},
		{
			Path: "/incidents/{id}/whatif/frames", Answer: "ReplayView",
			Summary: "The picture of an incident played again with changes, window by window, beside that of what happened.",
			Params:  []Param{byID("Id of the incident."), changeParam, changedAt, inQuery("seed", "integer", "Of the run that is shown: that of an effect of the what-if. 1 by default.")},
			Errors:  []int{400, 404, 504},
			handle:  func(s *Server) gin.HandlerFunc { return s.replay },
		},
		{
			Path: "/traces", Summary: "Traces with a span that fits all conditions.", Answer: "TraceList",
			Params: with(stretchParams,
				inQuery("service", "string", "Name of the service that emitted the span."),
				inQuery("operation", "string", "A part of the span's name, in any case."),
				inQuery("min", "number", "Least duration of the span in seconds."),
				inQuery("max", "number", "Greatest duration of the span in seconds."),
				Param{Name: "status", In: "query", Type: "string", Enum: statusChoices, Doc: "How the span ended; failed stands for all but ok."},
				Param{Name: "attribute", In: "query", Repeated: true, Type: "string", Doc: "An attribute of the span or of its resource: key=value, or a key alone. All that are given must fit."},
				Param{Name: "sort", In: "query", Type: "string", Enum: []string{"newest", "longest"}, Doc: "What stands first. Newest by default."},
				inQuery("limit", "integer", "The most traces to answer with: 50 by default, at most 200."),
				inTime("before", "Where to go on with a search: next, of the answer before."),
			),
			Errors: []int{400, 501, 504},
			handle: func(s *Server) gin.HandlerFunc { return s.traces },
		},
		{
			Path: "/traces/{id}", Summary: "One trace, assembled, as a waterfall shows it.", Answer: "TraceView",
			Params: []Param{byID("The trace id: 32 hexadecimal digits, or 16.")},
			Errors: []int{400, 404, 504},
			handle: func(s *Server) gin.HandlerFunc { return s.trace },
		},
		{
			Path: "/graph", Summary: "Who calls whom in a time range.", Answer: "GraphView",
			Params: stretchParams, Errors: []int{400, 504},
			handle: func(s *Server) gin.HandlerFunc { return s.graph },
		},
		{
			Path: "/node", Summary: "One node over a time range, with its operations, copies, callers and callees.", Answer: "NodeCourse",
			Params: with(stretchParams, Param{Name: "id", In: "query", Required: true, Type: "string", Doc: "Id of the node, as the graph has it."}),
			Errors: []int{400, 404, 504},
			handle: func(s *Server) gin.HandlerFunc { return s.node },
		},
		{
			Path: "/edge", Summary: "The calls from one node to another over a time range.", Answer: "EdgeCourse",
			Params: with(stretchParams,
				Param{Name: "caller", In: "query", Required: true, Type: "string", Doc: "Id of the calling node."},
				Param{Name: "callee", In: "query", Required: true, Type: "string", Doc: "Id of the called node."},
				inQuery("async", "boolean", "True for calls whose answer nobody awaits.")),
			Errors: []int{400, 404, 504},
			handle: func(s *Server) gin.HandlerFunc { return s.edge },
		},
		{
			Path: "/events", Summary: "Server-sent events: one \"change\" at once, and then whenever the report differs.",
			Answer: "Change", Media: "text/event-stream", Errors: []int{503},
			handle: func(s *Server) gin.HandlerFunc { return s.events },
		},
		{
			Path: "/openapi.json", Summary: "This description.", Answer: "object",
			handle: func(s *Server) gin.HandlerFunc { return s.openapi },
		},
	}
}
