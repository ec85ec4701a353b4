package webtest

import (
	"math"
	"time"

	"headwater/graph"
)

// Window is the length of the shop's windows.
const Window = 10 * time.Second

// The times of the incident: the database slows at Onset and is well again at
// Cured, yet retries keep the outage up. Now is when the report is made.
var (
	Begin = time.Date(2026, 3, 12, 13, 52, 0, 0, time.UTC)
	Onset = time.Date(2026, 3, 12, 14, 2, 10, 0, time.UTC)
	Cured = time.Date(2026, 3, 12, 14, 8, 0, 0, time.UTC)
	Now   = time.Date(2026, 3, 12, 14, 12, 30, 0, time.UTC)
)

func service(name string) graph.NodeID {
	return graph.NodeID{Kind: graph.Service, Scope: "prod/shop", Name: name}
}

// The nodes of the shop.
var (
	gateway       = service("gateway")
	checkout      = service("checkout")
	orders        = service("orders")
	stock         = service("stock")
	search        = service("search")
	cart          = service("cart")
	payments      = service("payments")
	pricing       = service("pricing")
	recommend     = service("recommendations")
	notifications = service("notifications")
	ordersDB      = graph.NodeID{Kind: graph.Database, Scope: "postgresql/10.0.0.7:5432", Name: "orders-db"}
	cartCache     = graph.NodeID{Kind: graph.Cache, Scope: "redis/10.0.0.9:6379", Name: "cart-cache"}
	orderEvents   = graph.NodeID{Kind: graph.Queue, Scope: "kafka/10.0.0.11:9092", Name: "order-events"}
	cardNetwork   = graph.NodeID{Kind: graph.External, Name: "api.cards.example:443"}
)

// actor is a node and what the incident does to it. Times are seconds.
type actor struct {
	id         graph.NodeID
	rate       float64
	mean, slow float64 // of a visit: baseline, incident
	failed     float64 // share in the incident
	own        float64 // excess occupancy at the worst
	inherited  float64
	lag        time.Duration // after Onset, until it feels it; 0 for untouched
	cause      int
}

var actors = []actor{
	{ordersDB, 212, 0.009, 0.41, 0.01, 74, 0, time.Second, 1},
	{orders, 96, 0.034, 1.94, 0.22, 4.2, 61, 20 * time.Second, 2},
	{stock, 44, 0.021, 0.86, 0.06, 1.1, 23, 30 * time.Second, 3},
	{checkout, 31, 0.112, 4.35, 0.36, 2.6, 96, 50 * time.Second, 0},
	{gateway, 188, 0.071, 1.32, 0.09, 0.6, 88, 70 * time.Second, 0},
	{cart, 52, 0.012, 0.013, 0, 0.1, 0, 0, 0},
	{search, 61, 0.048, 0.051, 0.001, 0.3, 0, 0, 0},
	{payments, 29, 0.187, 0.19, 0.002, 0.2, 0, 0, 0},
	{pricing, 63, 0.006, 0.006, 0, 0, 0, 0, 0},
	{recommend, 58, 0.031, 0.03, 0, 0.2, 0, 0, 0},
	{notifications, 27, 0.044, 0.043, 0, 0, 0, 0, 0},
	{cartCache, 104, 0.0011, 0.0011, 0, 0, 0, 0, 0},
	{orderEvents, 27, 0.004, 0.004, 0, 0, 0, 0, 0},
	{cardNetwork, 29, 0.142, 0.144, 0.002, 0, 0, 0, 0},
}

// link is an edge and what the incident does to it.
type link struct {
	caller, callee graph.NodeID
	async          bool
	rate, busy     float64 // calls a second: baseline, incident
	mean, slow     float64 // seconds
	failed         float64
	attempts       float64 // per call, in the incident
	pressure       float64
}

var links = []link{
	{gateway, checkout, false, 31, 30, 0.114, 4.36, 0.36, 1.1, 78},
	{gateway, search, false, 61, 60, 0.05, 0.052, 0.001, 1, 0.2},
	{gateway, cart, false, 52, 52, 0.013, 0.013, 0, 1, 0},
	{gateway, stock, false, 13, 13, 0.023, 0.88, 0.06, 1.2, 9},
	{checkout, orders, false, 31, 30, 0.052, 2, 0.38, 3.4, 94},
	{checkout, payments, false, 29, 24, 0.189, 0.192, 0.002, 1, 0.2},
	{checkout, cart, false, 31, 30, 0.012, 0.012, 0, 1, 0},
	{checkout, pricing, false, 31, 30, 0.007, 0.007, 0, 1, 0},
	{orders, ordersDB, false, 124, 268, 0.009, 0.44, 0.012, 1, 58},
	{orders, stock, false, 31, 92, 0.022, 0.87, 0.06, 1.6, 14},
	{stock, ordersDB, false, 88, 121, 0.008, 0.39, 0.01, 1, 22},
	{orders, orderEvents, true, 27, 18, 0.004, 0.004, 0, 1, 0},
	{orderEvents, notifications, true, 27, 18, 0.044, 0.043, 0, 1, 0},
	{search, recommend, false, 58, 58, 0.032, 0.031, 0, 1, 0},
	{search, pricing, false, 32, 32, 0.007, 0.007, 0, 1, 0},
	{cart, cartCache, false, 104, 104, 0.0012, 0.0012, 0, 1, 0},
	{payments, cardNetwork, false, 29, 24, 0.143, 0.145, 0.002, 1, 0.1},
}

// height is how far the incident has gone at t for what begins at from and ends
// at to: 0 before, up to 1 within. It rises within two minutes.
func height(t, from, to time.Time) float64 {
	switch {
	case t.Before(from):
		return 0
	case t.Before(to):
		return 1 - math.Exp(-t.Sub(from).Seconds()/60)
	default:
		return math.Exp(-t.Sub(to).Seconds() / 25)
	}
}

// ripple is the noise of a measurement: between 1-size and 1+size, by rule.
func ripple(t time.Time, seed int, size float64) float64 {
	x := float64(t.Unix()/10%1009) + 37*float64(seed)
	return 1 + size*(math.Sin(x*12.9898)*0.6+math.Sin(x*4.137+1)*0.4)
}

// times lists the windows from Begin up to end.
func times(end time.Time) []time.Time {
	var ts []time.Time
	for t := Begin; t.Before(end); t = t.Add(Window) {
		ts = append(ts, t)
	}
	return ts
}
