// Package monitor is what Headwater says about itself: metrics for Prometheus,
// and whether it lives and takes spans.
//
// It counts what receivers tell it, and asks the store whenever it is asked.
// Names are a promise: what is renamed breaks somebody's dashboard.
package monitor
