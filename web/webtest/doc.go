// Package webtest stands in for the analysis and the store, in tests of the
// page and in the preview: one shop of ten services in which a slow database
// becomes an outage, with its report, its windows and its traces. All of it is
// made by rule from a few tables, the same at every call.
package webtest
